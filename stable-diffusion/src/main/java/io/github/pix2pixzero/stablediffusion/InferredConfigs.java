package io.github.pix2pixzero.stablediffusion;

import io.github.pix2pixzero.clip.ClipTextConfig;
import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.unet.UNetConfig;
import io.github.pix2pixzero.vae.VaeConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The configs of networks whose file has none, from the names and shapes of their tensors under
 * diffusers' names. What shapes do not show (heads, groups, ε) is as in every published checkpoint
 * of Stable Diffusion.
 */
final class InferredConfigs {
  private static final int GROUPS = 32;
  private static final float UNET_EPSILON = 1e-5f;
  private static final float TEXT_EPSILON = 1e-5f;
  private static final float SCALING_FACTOR = 0.18215f;

  /** SD 1.x has this many heads everywhere. */
  private static final int SD1_HEADS = 8;

  /** Channels of every head of SD 2.x, and of both families' text encoders. */
  private static final int HEAD_WIDTH = 64;

  private InferredConfigs() {}

  /**
   * @param sampleSize latent height and width the model was trained with
   */
  static UNetConfig unet(TensorSource weights, int sampleSize) throws IOException {
    List<Integer> channels = new ArrayList<>();
    List<Boolean> attention = new ArrayList<>();
    List<Boolean> upAttention = new ArrayList<>();
    for (int level = 0; has(weights, "down_blocks." + level + "."); level++) {
      channels.add(size(weights, "down_blocks." + level + ".resnets.0.conv1.weight", 0));
      attention.add(has(weights, "down_blocks." + level + ".attentions."));
    }
    for (int index = 0; index < channels.size(); index++) {
      upAttention.add(has(weights, "up_blocks." + index + ".attentions."));
    }
    int layers = count(weights, "down_blocks.0.resnets.");
    String attended = "mid_block.attentions.0.";
    boolean linear = weights.tensor(attended + "proj_in.weight").shape().length == 2;
    return new UNetConfig(
        size(weights, "conv_in.weight", 1),
        size(weights, "conv_out.weight", 0),
        sampleSize,
        channels,
        attention,
        upAttention,
        layers,
        linear
            ? channels.stream().map(width -> Math.max(1, width / HEAD_WIDTH)).toList()
            : Collections.nCopies(channels.size(), SD1_HEADS),
        size(weights, attended + "transformer_blocks.0.attn2.to_k.weight", 1),
        GROUPS,
        UNET_EPSILON,
        true,
        0,
        linear);
  }

  static VaeConfig vae(TensorSource weights) throws IOException {
    List<Integer> channels = new ArrayList<>();
    for (int level = 0; has(weights, "encoder.down_blocks." + level + "."); level++) {
      channels.add(size(weights, "encoder.down_blocks." + level + ".resnets.0.conv1.weight", 0));
    }
    return new VaeConfig(
        size(weights, "encoder.conv_in.weight", 1),
        size(weights, "decoder.conv_out.weight", 0),
        size(weights, "decoder.conv_in.weight", 1),
        channels,
        count(weights, "encoder.down_blocks.0.resnets."),
        GROUPS,
        SCALING_FACTOR,
        has(weights, "quant_conv."),
        has(weights, "post_quant_conv."),
        has(weights, "encoder.mid_block.attentions."));
  }

  /**
   * @param openClip whether it is of SD 2.x, which leaves the last layer of OpenCLIP out
   */
  static ClipTextConfig text(TensorSource weights, boolean openClip) throws IOException {
    int width = size(weights, "embeddings.token_embedding.weight", 1);
    int layers = count(weights, "encoder.layers.");
    return new ClipTextConfig(
        size(weights, "embeddings.token_embedding.weight", 0),
        width,
        size(weights, "encoder.layers.0.mlp.fc1.weight", 0),
        openClip ? CompVisFile.openClipLayers(layers) : layers,
        Math.max(1, width / HEAD_WIDTH),
        size(weights, "embeddings.position_embedding.weight", 0),
        TEXT_EPSILON,
        openClip ? Unary.GELU : Unary.QUICK_GELU);
  }

  private static boolean has(TensorSource weights, String start) {
    return weights.names().stream().anyMatch(name -> name.startsWith(start));
  }

  /** How many parts in a row, numbered from 0, have weights. */
  private static int count(TensorSource weights, String start) {
    int count = 0;
    while (has(weights, start + count + ".")) {
      count++;
    }
    return count;
  }

  private static int size(TensorSource weights, String name, int axis) throws IOException {
    long[] shape = weights.tensor(name).shape();
    if (axis >= shape.length || shape[axis] > Integer.MAX_VALUE) {
      throw new IOException(weights.tensor(name) + " has not the shape of a network's weight");
    }
    return (int) shape[axis];
  }
}
