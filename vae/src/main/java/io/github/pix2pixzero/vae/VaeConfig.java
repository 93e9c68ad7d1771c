package io.github.pix2pixzero.vae;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.util.List;

/**
 * The sizes of an {@link AutoencoderKL}, as diffusers keeps them in {@code vae/config.json}.
 *
 * @param inChannels channels of the image to encode
 * @param outChannels channels of the decoded image
 * @param latentChannels channels of the latent
 * @param blockOutChannels widths of the levels, full resolution first; each level halves the one
 *     before
 * @param layersPerBlock residual blocks of a level in the encoder; the decoder has one more
 * @param normNumGroups groups of every group normalisation
 * @param scalingFactor what a latent is multiplied with before it is diffused, and divided by
 *     before it is decoded; {@link AutoencoderKL} itself leaves latents unscaled
 * @param useQuantConv whether a 1×1 convolution follows the encoder
 * @param usePostQuantConv whether a 1×1 convolution precedes the decoder
 * @param midBlockAddAttention whether the middle blocks attend over the pixels
 */
public record VaeConfig(
    int inChannels,
    int outChannels,
    int latentChannels,
    List<Integer> blockOutChannels,
    int layersPerBlock,
    int normNumGroups,
    float scalingFactor,
    boolean useQuantConv,
    boolean usePostQuantConv,
    boolean midBlockAddAttention) {

  private static final double STABLE_DIFFUSION_SCALING = 0.18215;

  public VaeConfig {
    blockOutChannels = ImmutableList.copyOf(blockOutChannels);
    checkArgument(!blockOutChannels.isEmpty(), "an autoencoder needs at least one level");
    for (int width : blockOutChannels) {
      checkArgument(
          width % normNumGroups == 0,
          "norm_num_groups is %s, which does not divide block_out_channels %s",
          normNumGroups,
          blockOutChannels);
    }
  }

  /** What says how the model came to be, or how other programs should go about it. */
  public static final ImmutableSet<String> HARMLESS_KEYS =
      ImmutableSet.of(
          "_commit_hash", "_diffusers_version", "_name_or_path", "force_upcast", "sample_size");

  /**
   * Reads {@code vae/config.json}. Keys of later diffusers versions may be absent.
   *
   * @throws IllegalArgumentException naming the file, the key and what is supported, if a value is
   *     missing or asks for an architecture other than Stable Diffusion's
   */
  public static VaeConfig from(JsonConfig json) {
    requireIfPresent(json, "_class_name", "AutoencoderKL");
    if (!json.getString("act_fn", "silu").equals("swish")) {
      requireIfPresent(json, "act_fn", "silu");
    }
    for (String statistic : List.of("shift_factor", "latents_mean")) {
      if (json.says(statistic)) {
        throw json.unsupported(statistic, "null or 0, latents that are scaled but not shifted");
      }
    }
    if (json.has("latents_std")
        && !json.getDoubles("latents_std").stream().allMatch(deviation -> deviation == 1)) {
      throw json.unsupported(
          "latents_std", "null or ones, latents that are scaled but not shifted");
    }
    List<Integer> widths = json.getInts("block_out_channels");
    requireBlocks(json, "down_block_types", "DownEncoderBlock2D", widths.size());
    requireBlocks(json, "up_block_types", "UpDecoderBlock2D", widths.size());
    return new VaeConfig(
        json.getInt("in_channels", 3),
        json.getInt("out_channels", 3),
        json.getInt("latent_channels", 4),
        widths,
        json.getInt("layers_per_block"),
        json.getInt("norm_num_groups", 32),
        (float) json.getDouble("scaling_factor", STABLE_DIFFUSION_SCALING),
        json.getBoolean("use_quant_conv", true),
        json.getBoolean("use_post_quant_conv", true),
        json.getBoolean("mid_block_add_attention", true));
  }

  private static void requireIfPresent(JsonConfig json, String key, String supported) {
    if (!json.getString(key, supported).equals(supported)) {
      throw json.unsupported(key, supported);
    }
  }

  private static void requireBlocks(JsonConfig json, String key, String type, int count) {
    List<String> types = json.getStrings(key);
    if (types.size() != count || !types.stream().allMatch(type::equals)) {
      throw json.unsupported(
          key, "%s for each of the %s block_out_channels".formatted(type, count));
    }
  }
}
