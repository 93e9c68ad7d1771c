package io.github.pix2pixzero.stablediffusion;

import com.google.common.collect.ImmutableMap;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of the autoencoder in CompVis' files, which number the decoder's levels from the finest
 * and diffusers from the coarsest. As diffusers' {@code convert_ldm_vae_checkpoint}.
 */
final class CompVisVaeNames {
  static final String PREFIX = "first_stage_model.";

  private static final Pattern LEVEL = Pattern.compile("decoder\\.up\\.(\\d{1,4})\\..+");
  private static final Pattern RESNET =
      Pattern.compile("(encoder\\.down|decoder\\.up)\\.(\\d{1,4})\\.block\\.(\\d{1,4})\\.(.+)");
  private static final Pattern RESAMPLER =
      Pattern.compile(
          "(encoder\\.down|decoder\\.up)\\.(\\d{1,4})\\.(downsample|upsample)\\.(conv\\..+)");
  private static final Pattern MIDDLE =
      Pattern.compile("(encoder|decoder)\\.mid\\.(block|attn)_(\\d)\\.(.+)");
  private static final Pattern SAME =
      Pattern.compile("(?:(?:encoder|decoder)\\.conv_(?:in|out)|(?:post_)?quant_conv)\\..+");
  private static final Pattern NORM_OUT = Pattern.compile("(encoder|decoder)\\.norm_out\\.(.+)");

  private static final ImmutableMap<String, String> ATTENTION =
      ImmutableMap.of(
          "norm", "group_norm", "q", "to_q", "k", "to_k", "v", "to_v", "proj_out", "to_out.0");

  private final int levels;

  /**
   * @param names without the prefix
   */
  CompVisVaeNames(Collection<String> names) {
    levels =
        names.stream()
            .map(LEVEL::matcher)
            .filter(Matcher::matches)
            .mapToInt(found -> Integer.parseInt(found.group(1)) + 1)
            .max()
            .orElse(0);
  }

  /** What diffusers calls a tensor, both without prefix; null if it is none of the network's. */
  String toDiffusers(String name) {
    if (SAME.matcher(name).matches()) {
      return name;
    }
    Matcher found = NORM_OUT.matcher(name);
    if (found.matches()) {
      return found.group(1) + ".conv_norm_out." + found.group(2);
    }
    found = RESNET.matcher(name);
    if (found.matches()) {
      return level(found) + ".resnets." + found.group(3) + "." + resnet(found.group(4));
    }
    found = RESAMPLER.matcher(name);
    if (found.matches()) {
      return level(found) + "." + found.group(3) + "rs.0." + found.group(4);
    }
    found = MIDDLE.matcher(name);
    if (!found.matches()) {
      return null;
    }
    String at = found.group(1) + ".mid_block.";
    String rest = found.group(4);
    if (found.group(2).equals("block")) {
      return at + "resnets." + (Integer.parseInt(found.group(3)) - 1) + "." + resnet(rest);
    }
    int dot = rest.lastIndexOf('.');
    String layer = dot < 0 ? null : ATTENTION.get(rest.substring(0, dot));
    return layer == null ? null : at + "attentions.0." + layer + rest.substring(dot);
  }

  private String level(Matcher found) {
    int level = Integer.parseInt(found.group(2));
    return found.group(1).equals("encoder.down")
        ? "encoder.down_blocks." + level
        : "decoder.up_blocks." + (levels - 1 - level);
  }

  private static String resnet(String rest) {
    return rest.replace("nin_shortcut", "conv_shortcut");
  }
}
