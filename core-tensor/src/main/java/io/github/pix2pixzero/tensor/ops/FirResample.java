package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;

/**
 * Blurring up- and downsampling of pictures by a filter, so placed that pixels stay where they are
 * (Karras et al., 2020); StyleGAN2's {@code upsample2d} and {@code downsample2d}.
 */
public final class FirResample {
  private FirResample() {}

  /**
   * The outer product of taps with themselves, scaled to a sum of 1. StyleGAN2's taps are 1, 3, 3,
   * 1.
   *
   * @return [taps.length, taps.length]
   */
  public static Tensor filter(Backend backend, float... taps) {
    int n = taps.length;
    double sum = 0;
    for (float tap : taps) {
      sum += tap;
    }
    checkArgument(sum != 0, "a filter whose taps sum to 0 cannot be normalised");
    float[] filter = new float[n * n];
    for (int i = 0; i < filter.length; i++) {
      filter[i] = (float) (taps[i / n] / sum * taps[i % n] / sum);
    }
    return Tensor.of(backend, filter, n, n);
  }

  /**
   * @param x [batch, height, width, channels]
   * @param filter [n, n] with a sum of 1
   * @return [batch, height · factor, width · factor, channels]; brightness is kept
   */
  public static Tensor up(Tensor x, Tensor filter, int factor) {
    int n = filter.dim(0);
    int before = (n + factor - 1) / 2;
    int after = (n - factor) / 2;
    return Upfirdn.of(
        x, gain(filter, factor), factor, 1, new Padding(before, before, after, after), true);
  }

  /**
   * @param x [batch, height, width, channels]
   * @param filter [n, n] with a sum of 1
   * @return [batch, height / factor, width / factor, channels]
   */
  public static Tensor down(Tensor x, Tensor filter, int factor) {
    return Upfirdn.of(x, filter, 1, factor, downPadding(filter, factor, 0), true);
  }

  /** What makes up for the zeros that upsampling sets in: the filter times {@code factor²}. */
  static Tensor gain(Tensor filter, int factor) {
    return filter.mul(factor * factor);
  }

  /** The padding that keeps pixels in their place when every {@code factor}-th one is kept. */
  static Padding downPadding(Tensor filter, int factor, int more) {
    int before = (filter.dim(0) - factor + 1) / 2 + more;
    int after = (filter.dim(0) - factor) / 2 + more;
    return new Padding(before, before, after, after);
  }
}
