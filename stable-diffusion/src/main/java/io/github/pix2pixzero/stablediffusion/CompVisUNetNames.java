package io.github.pix2pixzero.stablediffusion;

import com.google.common.collect.ImmutableMap;
import java.util.Collection;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of the noise predictor in CompVis' files, where the blocks of an arm are numbered
 * through, and what diffusers calls them. As diffusers' {@code convert_ldm_unet_checkpoint}.
 */
final class CompVisUNetNames {
  static final String PREFIX = "model.diffusion_model.";

  private static final Pattern DOWNSAMPLER =
      Pattern.compile("input_blocks\\.(\\d{1,4})\\.0\\.op\\.weight");
  private static final Pattern ARM =
      Pattern.compile("(input|output)_blocks\\.(\\d{1,4})\\.(\\d{1,4})\\.(.+)");

  private static final ImmutableMap<String, String> AROUND =
      ImmutableMap.of(
          "time_embed.0.", "time_embedding.linear_1.",
          "time_embed.2.", "time_embedding.linear_2.",
          "input_blocks.0.0.", "conv_in.",
          "middle_block.1.", "mid_block.attentions.0.",
          "out.0.", "conv_norm_out.",
          "out.2.", "conv_out.");

  private static final ImmutableMap<String, String> RESNET =
      ImmutableMap.of(
          "in_layers.0.", "norm1.",
          "in_layers.2.", "conv1.",
          "emb_layers.1.", "time_emb_proj.",
          "out_layers.0.", "norm2.",
          "out_layers.3.", "conv2.",
          "skip_connection.", "conv_shortcut.");

  /** Residual blocks at each resolution of the downward arm. */
  private final int layers;

  /**
   * @param names without the prefix; the first downsampling among them tells how many residual
   *     blocks a resolution has
   */
  CompVisUNetNames(Collection<String> names) {
    layers =
        names.stream()
            .map(DOWNSAMPLER::matcher)
            .filter(Matcher::matches)
            .mapToInt(found -> Integer.parseInt(found.group(1)) - 1)
            .min()
            .orElse(1);
  }

  /** What diffusers calls a tensor, both without prefix; null if it is none of the network's. */
  String toDiffusers(String name) {
    String around = replaceStart(name, AROUND);
    if (around != null) {
      return around;
    }
    if (name.startsWith("middle_block.0.")) {
      return resnet("mid_block.resnets.0.", name.substring("middle_block.0.".length()));
    }
    if (name.startsWith("middle_block.2.")) {
      return resnet("mid_block.resnets.1.", name.substring("middle_block.2.".length()));
    }
    Matcher arm = ARM.matcher(name);
    if (!arm.matches()) {
      return null;
    }
    int block = Integer.parseInt(arm.group(2));
    boolean main = arm.group(3).equals("0");
    String rest = arm.group(4);
    return arm.group(1).equals("input") ? down(block, main, rest) : up(block, main, rest);
  }

  private String down(int block, boolean main, String rest) {
    int layer = (block - 1) % (layers + 1);
    String at = "down_blocks." + (block - 1) / (layers + 1) + ".";
    if (layer == layers) {
      return rest.startsWith("op.") ? at + "downsamplers.0.conv." + rest.substring(3) : null;
    }
    return main ? resnet(at + "resnets." + layer + ".", rest) : at + attention(layer, rest);
  }

  private String up(int block, boolean main, String rest) {
    int layer = block % (layers + 1);
    String at = "up_blocks." + block / (layers + 1) + ".";
    if (main) {
      return resnet(at + "resnets." + layer + ".", rest);
    }
    return at + (rest.startsWith("conv.") ? "upsamplers.0." + rest : attention(layer, rest));
  }

  private static String attention(int layer, String rest) {
    return "attentions." + layer + "." + rest;
  }

  private static String resnet(String at, String rest) {
    String renamed = replaceStart(rest, RESNET);
    return renamed == null ? null : at + renamed;
  }

  private static String replaceStart(String name, Map<String, String> starts) {
    for (Map.Entry<String, String> start : starts.entrySet()) {
      if (name.startsWith(start.getKey())) {
        return start.getValue() + name.substring(start.getKey().length());
      }
    }
    return null;
  }
}
