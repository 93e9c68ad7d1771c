package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;

/**
 * Convolution with an odd kernel to twice or half the size, with a filter against aliasing (Karras
 * et al., 2020), so placed that pixels stay where they are. Agrees with StyleGAN2-ADA's {@code
 * conv2d_resample}.
 */
public final class FirConv2d {
  private FirConv2d() {}

  /**
   * A transposed convolution of stride 2, then the filter, which takes off what stands over.
   *
   * @param x [batch, height, width, in]
   * @param weight [kernel, kernel, out, in], the order of {@link ConvTranspose2d}. StyleGAN2-ADA's
   *     [out, in, kernel, kernel] is permuted, not flipped.
   * @param filter [n, n] with a sum of 1
   * @return [batch, 2 · height, 2 · width, out]
   */
  public static Tensor up(Tensor x, Tensor weight, Tensor filter) {
    return smooth(ConvTranspose2d.of(x, weight, null, 2, Padding.all(0), 0), weight, filter);
  }

  /**
   * {@link #up} as a plain convolution. With stride 1 and a border of 1 it makes the channels of
   * all four pixels that a pixel becomes, for {@link PixelBlocks#scatter}. Not differentiable.
   *
   * @param weight [3, 3, out, in], as for {@link #up}
   * @param filter [4, 4] with a sum of 1
   * @return [3, 3, in, 2 · 2 · out]
   */
  public static Tensor upKernel(Tensor weight, Tensor filter) {
    checkArgument(
        weight.dim(0) == 3 && filter.dim(0) == 4,
        "a weight %s and a filter %s are not of 3 × 3 and 4 × 4",
        weight.shape(),
        filter.shape());
    int out = weight.dim(2);
    int in = weight.dim(3);
    Tensor gain = FirResample.gain(filter, 2);
    // What becomes of a single pixel.
    float[] spread =
        Upfirdn.of(weight.reshape(1, 3, 3, out * in), gain, 1, 1, Padding.all(3), true).toFloats();
    float[] kernel = new float[4 * weight.size()];
    int at = 0;
    for (int y = 0; y < 3; y++) {
      for (int x = 0; x < 3; x++) {
        for (int c = 0; c < in; c++) {
          for (int pixel = 0; pixel < 4; pixel++) {
            int line = 2 * (2 - y) + pixel / 2;
            int column = 2 * (2 - x) + pixel % 2;
            int from = (line * 6 + column) * out * in + c;
            for (int o = 0; o < out; o++) {
              kernel[at++] = spread[from + o * in];
            }
          }
        }
      }
    }
    return Tensor.of(weight.backend(), kernel, 3, 3, in, 4 * out);
  }

  /** The filter of {@link #up}, after the transposed convolution. */
  static Tensor smooth(Tensor large, Tensor weight, Tensor filter) {
    int same = weight.dim(0) / 2;
    int before = same + (filter.dim(0) + 1) / 2 - (weight.dim(0) - 1);
    int after = same + (filter.dim(0) - 2) / 2 - (weight.dim(0) - 2);
    Padding padding = new Padding(before, before, after, after);
    return Upfirdn.of(large, FirResample.gain(filter, 2), 1, 1, padding, true);
  }

  /**
   * The filter, then a convolution of stride 2.
   *
   * @param x [batch, height, width, in]
   * @param weight [kernel, kernel, in, out]
   * @param bias [out], or null
   * @param filter [n, n] with a sum of 1
   * @return [batch, height / 2, width / 2, out]
   */
  public static Tensor down(Tensor x, Tensor weight, Tensor bias, Tensor filter) {
    return Conv2d.of(blur(x, weight, filter), weight, bias, downStride(weight), Padding.all(0));
  }

  /** The filter of {@link #down}, before a convolution without padding. */
  static Tensor blur(Tensor x, Tensor weight, Tensor filter) {
    if (downStride(weight) == 1) {
      return FirResample.down(x, filter, 2);
    }
    Padding padding = FirResample.downPadding(filter, 2, weight.dim(0) / 2);
    return Upfirdn.of(x, filter, 1, 1, padding, true);
  }

  /** Of the filtered pixels a kernel of 1 sees only every other one, so these alone are made. */
  static int downStride(Tensor weight) {
    return weight.dim(0) == 1 ? 1 : 2;
  }
}
