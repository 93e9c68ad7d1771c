package io.github.pix2pixzero.stablediffusion;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of the text encoder in CompVis' files, and what transformers calls them: of CLIP as
 * transformers had it (SD 1.x), or of OpenCLIP (SD 2.x), where the three projections of an
 * attention are one matrix. As diffusers' {@code convert_ldm_clip_checkpoint} and {@code
 * convert_open_clip_checkpoint}.
 */
final class CompVisTextNames {
  static final String CLIP = "cond_stage_model.transformer.";
  static final String OPEN_CLIP = "cond_stage_model.model.";

  private static final String TEXT_MODEL = "text_model.";
  private static final Pattern LAYER =
      Pattern.compile("transformer\\.resblocks\\.(\\d{1,4})\\.(.+)");

  private static final ImmutableMap<String, String> AROUND =
      ImmutableMap.of(
          "positional_embedding", "embeddings.position_embedding.weight",
          "token_embedding.weight", "embeddings.token_embedding.weight",
          "ln_final.weight", "final_layer_norm.weight",
          "ln_final.bias", "final_layer_norm.bias");

  private static final ImmutableMap<String, String> IN_LAYER =
      ImmutableMap.<String, String>builder()
          .put("ln_1.", "layer_norm1.")
          .put("ln_2.", "layer_norm2.")
          .put("attn.out_proj.", "self_attn.out_proj.")
          .put("mlp.c_fc.", "mlp.fc1.")
          .put("mlp.c_proj.", "mlp.fc2.")
          .buildOrThrow();

  private CompVisTextNames() {}

  /** What transformers calls a tensor of SD 1.x, without prefixes. */
  static String ofClip(String name) {
    return name.startsWith(TEXT_MODEL) ? name.substring(TEXT_MODEL.length()) : name;
  }

  /**
   * What transformers makes of a tensor of SD 2.x, without prefixes: one tensor, or three that were
   * one; empty if it is none of the text encoder's.
   */
  static Map<String, StoredTensor> ofOpenClip(String name, StoredTensor tensor) {
    String around = AROUND.get(name);
    if (around != null) {
      return Map.of(around, tensor);
    }
    Matcher layer = LAYER.matcher(name);
    if (!layer.matches()) {
      return Map.of();
    }
    String at = "encoder.layers." + layer.group(1) + ".";
    String rest = layer.group(2);
    if (rest.equals("attn.in_proj_weight") || rest.equals("attn.in_proj_bias")) {
      return projections(at + "self_attn.", rest.substring("attn.in_proj_".length()), tensor);
    }
    for (Map.Entry<String, String> part : IN_LAYER.entrySet()) {
      if (rest.startsWith(part.getKey())) {
        return Map.of(at + part.getValue() + rest.substring(part.getKey().length()), tensor);
      }
    }
    return Map.of();
  }

  private static Map<String, StoredTensor> projections(String at, String what, StoredTensor fused) {
    Map<String, StoredTensor> parts = new TreeMap<>();
    if (fused.shape().length == 0) {
      return parts;
    }
    long width = fused.shape()[0] / 3;
    String[] names = {"q_proj.", "k_proj.", "v_proj."};
    for (int i = 0; i < names.length; i++) {
      parts.put(at + names[i] + what, fused.rows(i * width, (i + 1) * width));
    }
    return parts;
  }
}
