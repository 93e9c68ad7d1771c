package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;

/** The smallest features as a row, in the order [channels, height, width] that files expect. */
final class Flat {
  private static final int SMALLEST = ComodConfig.SMALLEST;

  private Flat() {}

  static int size(int channels) {
    return channels * SMALLEST * SMALLEST;
  }

  static int size(ComodConfig config) {
    return size(config.channelsAt(SMALLEST));
  }

  /** [batch, 4, 4, channels] to [batch, channels · 16]. */
  static Tensor of(Tensor x) {
    return x.toChannelsFirst().reshape(x.dim(0), -1);
  }

  /** The inverse of {@link #of}. */
  static Tensor unfold(Tensor row) {
    return row.reshape(row.dim(0), -1, SMALLEST, SMALLEST).toChannelsLast();
  }
}
