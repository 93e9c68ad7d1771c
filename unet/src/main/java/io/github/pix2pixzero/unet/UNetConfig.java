package io.github.pix2pixzero.unet;

import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.util.Collections;
import java.util.List;

/**
 * The {@code config.json} of a {@link UNet2DConditionModel}, in the forms of Stable Diffusion 1.x
 * and 2.x.
 *
 * @param inChannels channels of the latent
 * @param outChannels channels of the prediction
 * @param sampleSize latent height and width the model was trained with
 * @param blockChannels channels at each resolution, from the finest
 * @param downAttention whether each block of the downward arm attends
 * @param upAttention whether each block of the upward arm attends
 * @param layersPerBlock residual blocks at each resolution of the downward arm; the upward arm has
 *     one more
 * @param heads attention heads at each resolution, from the finest
 * @param contextWidth width of the text embeddings
 * @param normGroups groups of the group normalisations
 * @param normEpsilon epsilon of the group normalisations
 * @param flipSinToCos whether the cosines come first in the timestep embedding
 * @param frequencyShift shift of the timestep frequencies
 * @param linearProjection whether files hold the projections of attention as linear layers (SD
 *     2.x), not as 1×1 convolutions (SD 1.x); both are read
 */
public record UNetConfig(
    int inChannels,
    int outChannels,
    int sampleSize,
    List<Integer> blockChannels,
    List<Boolean> downAttention,
    List<Boolean> upAttention,
    int layersPerBlock,
    List<Integer> heads,
    int contextWidth,
    int normGroups,
    float normEpsilon,
    boolean flipSinToCos,
    int frequencyShift,
    boolean linearProjection) {

  /** What says how the model came to be, or what is seen from its weights. */
  public static final ImmutableSet<String> HARMLESS_KEYS =
      ImmutableSet.of(
          "_class_name",
          "_commit_hash",
          "_diffusers_version",
          "_name_or_path",
          "addition_embed_type_num_heads",
          "addition_time_embed_dim",
          "attention_head_dim",
          "decay",
          "dropout",
          "inv_gamma",
          "min_decay",
          "optimization_step",
          "power",
          "projection_class_embeddings_input_dim",
          "upcast_attention",
          "update_after_step",
          "use_ema_warmup",
          "use_linear_projection");

  /**
   * Reads a config.
   *
   * @throws IllegalArgumentException naming a key that is missing, or whose value is not supported,
   *     and what is
   */
  public static UNetConfig from(JsonConfig json) {
    List<Integer> channels = json.getInts("block_out_channels");
    int blocks = channels.size();
    requireSilu(json);
    requireString(json, "mid_block_type", "UNetMidBlock2DCrossAttn");
    requireString(json, "resnet_time_scale_shift", "default");
    requireString(json, "time_embedding_type", "positional");
    requireAbsent(json, "class_embed_type");
    requireAbsent(json, "num_class_embeds");
    requireAbsent(json, "addition_embed_type");
    requireAbsent(json, "encoder_hid_dim");
    requireAbsent(json, "encoder_hid_dim_type");
    requireAbsent(json, "time_embedding_dim");
    requireAbsent(json, "cross_attention_norm");
    requireAbsent(json, "reverse_transformer_layers_per_block");
    requireAbsent(json, "time_embedding_act_fn");
    requireAbsent(json, "timestep_post_act");
    requireAbsent(json, "time_cond_proj_dim");
    requireFalse(json, "dual_cross_attention");
    requireFalse(json, "center_input_sample");
    requireFalse(json, "class_embeddings_concat");
    requireFalse(json, "resnet_skip_time_act");
    requireFalse(json, "mid_block_only_cross_attention");
    requireOne(json, "resnet_out_scale_factor");
    requireOne(json, "mid_block_scale_factor");
    requireString(json, "attention_type", "default");
    requireInt(json, "conv_in_kernel", 3);
    requireInt(json, "conv_out_kernel", 3);
    requireInt(json, "downsample_padding", 1);
    String depth = "transformer_layers_per_block";
    if (json.isArray(depth)
        ? json.getInts(depth).stream().anyMatch(layers -> layers != 1)
        : json.getInt(depth, 1) != 1) {
      throw json.unsupported(depth, "1 (more are of SDXL)");
    }
    requireFalse(json, "only_cross_attention");
    return new UNetConfig(
        json.getInt("in_channels"),
        json.getInt("out_channels"),
        json.getInt("sample_size", 64),
        channels,
        attends(json, "down_block_types", "CrossAttnDownBlock2D", "DownBlock2D", blocks),
        attends(json, "up_block_types", "CrossAttnUpBlock2D", "UpBlock2D", blocks),
        oneOf(json, "layers_per_block"),
        heads(json, blocks),
        oneOf(json, "cross_attention_dim"),
        json.getInt("norm_num_groups", 32),
        (float) json.getDouble("norm_eps", 1e-5),
        json.getBoolean("flip_sin_to_cos", true),
        json.getInt("freq_shift", 0),
        json.getBoolean("use_linear_projection", false));
  }

  /** The number of resolutions. */
  public int blocks() {
    return blockChannels.size();
  }

  /** Latent heights and widths must be multiples of this. */
  public int multiple() {
    return 1 << (blocks() - 1);
  }

  /** Width of the timestep embedding. */
  public int timeWidth() {
    return 4 * blockChannels.get(0);
  }

  /**
   * {@code attention_head_dim} has always meant the number of heads in these models
   * (diffusers#2011).
   */
  private static List<Integer> heads(JsonConfig json, int blocks) {
    String key = json.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
    if (!json.isArray(key)) {
      return Collections.nCopies(blocks, json.getInt(key, 8));
    }
    List<Integer> heads = json.getInts(key);
    if (heads.size() != blocks) {
      throw json.unsupported(key, "one number, or " + blocks);
    }
    return heads;
  }

  /** One number, or the same for every block. */
  private static int oneOf(JsonConfig json, String key) {
    if (!json.isArray(key)) {
      return json.getInt(key);
    }
    List<Integer> numbers = json.getInts(key);
    if (numbers.stream().distinct().count() != 1) {
      throw json.unsupported(key, "one number for all blocks");
    }
    return numbers.get(0);
  }

  private static List<Boolean> attends(
      JsonConfig json, String key, String with, String without, int blocks) {
    List<String> types = json.getStrings(key);
    if (types.size() != blocks
        || !types.stream().allMatch(t -> t.equals(with) || t.equals(without))) {
      throw json.unsupported(key, blocks + " of " + with + ", " + without);
    }
    return types.stream().map(with::equals).toList();
  }

  private static void requireString(JsonConfig json, String key, String supported) {
    if (!json.getString(key, supported).equals(supported)) {
      throw json.unsupported(key, supported);
    }
  }

  /** The function has two names. */
  private static void requireSilu(JsonConfig json) {
    String name = json.getString("act_fn", "silu");
    if (!name.equals("silu") && !name.equals("swish")) {
      throw json.unsupported("act_fn", "silu, swish");
    }
  }

  private static void requireInt(JsonConfig json, String key, int supported) {
    if (json.isArray(key) || json.getInt(key, supported) != supported) {
      throw json.unsupported(key, Integer.toString(supported));
    }
  }

  private static void requireFalse(JsonConfig json, String key) {
    if (json.says(key)) {
      throw json.unsupported(key, "false");
    }
  }

  private static void requireOne(JsonConfig json, String key) {
    if (json.getDouble(key, 1) != 1) {
      throw json.unsupported(key, "1");
    }
  }

  private static void requireAbsent(JsonConfig json, String key) {
    if (json.has(key)) {
      throw json.unsupported(key, "null");
    }
  }
}
