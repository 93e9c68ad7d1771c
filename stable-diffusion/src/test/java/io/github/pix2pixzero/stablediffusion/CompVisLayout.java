package io.github.pix2pixzero.stablediffusion;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Floats;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.io.StoredType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes networks under the names of CompVis: the inverse of how single files are read. */
final class CompVisLayout {
  private static final int LAYERS = 2;
  private static final Pattern BLOCK =
      Pattern.compile(
          "(down|up)_blocks\\.(\\d+)\\.(resnets|attentions|\\w+samplers)\\.(\\d+)\\.(.+)");
  private static final Pattern VAE_BLOCK =
      Pattern.compile(
          "(encoder\\.down|decoder\\.up)_blocks\\.(\\d+)\\.(resnets|downsamplers|upsamplers)\\.(\\d+)\\.(.+)");
  private static final Pattern CLIP_LAYER = Pattern.compile("encoder\\.layers\\.(\\d+)\\.(.+)");

  private static final ImmutableMap<String, String> UNET_RESNET =
      ImmutableMap.of(
          "norm1", "in_layers.0",
          "conv1", "in_layers.2",
          "time_emb_proj", "emb_layers.1",
          "norm2", "out_layers.0",
          "conv2", "out_layers.3",
          "conv_shortcut", "skip_connection");

  private final SafetensorsWriter writer = new SafetensorsWriter();
  private final StoredType type;

  CompVisLayout(StoredType type) {
    this.type = type;
  }

  SafetensorsWriter writer() {
    return writer;
  }

  // ------------------------------------------------------------------ noise predictor

  void addUNet(SafetensorsFile file) throws IOException {
    for (String name : file.names()) {
      add(file, name, "model.diffusion_model." + unetName(name, file), file.entry(name).shape());
    }
  }

  private static String unetName(String name, SafetensorsFile file) {
    Matcher block = BLOCK.matcher(name);
    if (!block.matches()) {
      String renamed =
          name.replace("time_embedding.linear_1", "time_embed.0")
              .replace("time_embedding.linear_2", "time_embed.2")
              .replace("conv_norm_out", "out.0")
              .replace("conv_out", "out.2")
              .replace("conv_in", "input_blocks.0.0")
              .replace("mid_block.attentions.0", "middle_block.1");
      for (int i = 0; i < 2; i++) {
        String resnet = "mid_block.resnets." + i + ".";
        if (renamed.startsWith(resnet)) {
          return "middle_block." + 2 * i + "." + unetResnet(renamed.substring(resnet.length()));
        }
      }
      return renamed;
    }
    boolean down = block.group(1).equals("down");
    int level = Integer.parseInt(block.group(2));
    int layer = Integer.parseInt(block.group(4));
    String rest = block.group(5);
    int first = level * (LAYERS + 1) + (down ? 1 : 0);
    String arm = down ? "input_blocks." : "output_blocks.";
    return switch (block.group(3)) {
      case "resnets" -> arm + (first + layer) + ".0." + unetResnet(rest);
      case "attentions" -> arm + (first + layer) + ".1." + rest;
      case "downsamplers" -> arm + (first + LAYERS) + ".0." + rest.replace("conv.", "op.");
      default -> {
        boolean attends = file.contains("up_blocks." + level + ".attentions.0.norm.weight");
        yield arm + (first + LAYERS) + "." + (attends ? 2 : 1) + "." + rest;
      }
    };
  }

  private static String unetResnet(String rest) {
    int dot = rest.indexOf('.');
    return UNET_RESNET.get(rest.substring(0, dot)) + rest.substring(dot);
  }

  // ------------------------------------------------------------------ autoencoder

  void addVae(SafetensorsFile file, int levels) throws IOException {
    for (String name : file.names()) {
      long[] shape = file.entry(name).shape();
      boolean projection = name.contains("attentions.0.to_") && shape.length == 2;
      add(
          file,
          name,
          "first_stage_model." + vaeName(name, levels),
          projection ? new long[] {shape[0], shape[1], 1, 1} : shape);
    }
  }

  private static String vaeName(String name, int levels) {
    Matcher block = VAE_BLOCK.matcher(name);
    if (block.matches()) {
      int level = Integer.parseInt(block.group(2));
      boolean down = block.group(1).startsWith("encoder");
      String at = block.group(1) + "." + (down ? level : levels - 1 - level) + ".";
      return switch (block.group(3)) {
        case "resnets" ->
            at
                + "block."
                + block.group(4)
                + "."
                + block.group(5).replace("conv_shortcut", "nin_shortcut");
        case "downsamplers" -> at + "downsample." + block.group(5);
        default -> at + "upsample." + block.group(5);
      };
    }
    return name.replace("conv_norm_out", "norm_out")
        .replace("mid_block.resnets.0", "mid.block_1")
        .replace("mid_block.resnets.1", "mid.block_2")
        .replace("mid_block.attentions.0", "mid.attn_1")
        .replace("group_norm", "norm")
        .replace("to_out.0", "proj_out")
        .replace("to_q", "q")
        .replace("to_k", "k")
        .replace("to_v", "v");
  }

  // ------------------------------------------------------------------ text encoder

  /**
   * @param prefix {@code text_model.}, or nothing as the oldest files have it
   */
  void addClip(SafetensorsFile file, String prefix) throws IOException {
    for (String name : file.names()) {
      add(file, name, "cond_stage_model.transformer." + prefix + name, file.entry(name).shape());
    }
  }

  /** With fused projections, and with a last layer that should not be used. */
  void addOpenClip(SafetensorsFile file, int layers) throws IOException {
    String at = "cond_stage_model.model.";
    for (String name : file.names()) {
      Matcher layer = CLIP_LAYER.matcher(name);
      if (!layer.matches()) {
        String renamed =
            name.replace("embeddings.token_embedding", "token_embedding")
                .replace("embeddings.position_embedding.weight", "positional_embedding")
                .replace("final_layer_norm", "ln_final");
        add(file, name, at + renamed, file.entry(name).shape());
      } else {
        addOpenClipLayer(file, name, at, Integer.parseInt(layer.group(1)), layer.group(2));
        if (layer.group(1).equals("0")) {
          addOpenClipLayer(file, name, at, layers, layer.group(2));
        }
      }
    }
    writer.add(at + "logit_scale", new long[0], new float[1]);
    writer.add(at + "text_projection", new long[] {1, 1}, new float[1]);
  }

  private void addOpenClipLayer(
      SafetensorsFile file, String name, String at, int layer, String rest) throws IOException {
    String block = at + "transformer.resblocks." + layer + ".";
    if (rest.startsWith("self_attn.q_proj.")) {
      List<float[]> parts = new ArrayList<>();
      for (String projection : List.of("q_proj", "k_proj", "v_proj")) {
        parts.add(file.readFloats(name.replace("q_proj", projection)));
      }
      long[] shape = file.entry(name).shape();
      shape[0] *= 3;
      String what = rest.substring("self_attn.q_proj.".length());
      writer.add(
          block + "attn.in_proj_" + what,
          type,
          shape,
          Floats.concat(parts.toArray(float[][]::new)));
    } else if (!rest.contains("k_proj") && !rest.contains("v_proj")) {
      String renamed =
          rest.replace("layer_norm", "ln_")
              .replace("self_attn.", "attn.")
              .replace("fc1", "c_fc")
              .replace("fc2", "c_proj");
      add(file, name, block + renamed, file.entry(name).shape());
    }
  }

  private void add(SafetensorsFile file, String name, String as, long[] shape) throws IOException {
    writer.add(as, type, shape, file.readFloats(name));
  }
}
