package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;

/**
 * Convolution whose weight is scaled per picture and input channel by a style s, and then, where
 * asked, scaled per output channel to unit norm (Karras et al., 2020, equations 1 and 3):
 *
 * <pre>{@code y = d · conv(x · s, w),  d = 1 / √(Σ (w · s)² + 1e-8)}</pre>
 *
 * Scaling input and output instead of the weight lets the whole batch share one convolution. As
 * {@code Σ (w · s)² = s² · Σ w²} with the inner sum over the kernel, d is one small matrix product.
 * A filter and a scaling of channels may change places, so both scalings are the {@linkplain
 * ScaledConv2d convolution's}. Derivatives of any order exist. Agrees with StyleGAN2-ADA's {@code
 * modulated_conv2d} with its fused paths off.
 */
public final class ModulatedConv2d {
  private static final float EPSILON = 1e-8f;

  private ModulatedConv2d() {}

  /**
   * At the same size.
   *
   * @param x [batch, height, width, in]
   * @param weight [kernel, kernel, in, out] with an odd kernel
   * @param styles [batch, in]
   * @param demodulate whether the output is scaled by d
   * @return [batch, height, width, out]
   */
  public static Tensor of(Tensor x, Tensor weight, Tensor styles, boolean demodulate) {
    check(x, weight, 2, styles);
    return of(x, weight, styles, demodulate ? demodulation(norms(weight), styles, false) : null);
  }

  /**
   * At the same size.
   *
   * @param d what the output is scaled by, [batch, out] and nowhere 0, such as {@link
   *     #demodulation}; null for no scaling
   */
  public static Tensor of(Tensor x, Tensor weight, Tensor styles, Tensor d) {
    check(x, weight, 2, styles);
    checkOutput(weight, 3, styles, d);
    Conv2dSpec spec = Conv2d.spec(x, weight, 1, Padding.all(weight.dim(0) / 2));
    return ScaledConv2d.of(spec, false, x, styles, weight, d);
  }

  /**
   * To twice the size; see {@link FirConv2d#up}.
   *
   * @param weight [kernel, kernel, out, in] with an odd kernel
   * @param filter [n, n] with a sum of 1
   * @return [batch, 2 · height, 2 · width, out]
   */
  public static Tensor up(
      Tensor x, Tensor weight, Tensor styles, boolean demodulate, Tensor filter) {
    check(x, weight, 3, styles);
    Tensor d = demodulate ? demodulation(norms(weight), styles, true) : null;
    return up(x, weight, styles, d, filter);
  }

  /**
   * To twice the size.
   *
   * @param d what the output is scaled by, [batch, out] and nowhere 0, such as {@link
   *     #demodulation}; null for no scaling
   */
  public static Tensor up(Tensor x, Tensor weight, Tensor styles, Tensor d, Tensor filter) {
    check(x, weight, 3, styles);
    checkOutput(weight, 2, styles, d);
    Conv2dSpec spec = ConvTranspose2d.spec(x, weight, 2, Padding.all(0), 0);
    return FirConv2d.smooth(ScaledConv2d.of(spec, true, x, styles, weight, d), weight, filter);
  }

  /**
   * To half the size; see {@link FirConv2d#down}.
   *
   * @param weight [kernel, kernel, in, out] with an odd kernel
   * @param filter [n, n] with a sum of 1
   * @return [batch, height / 2, width / 2, out]
   */
  public static Tensor down(
      Tensor x, Tensor weight, Tensor styles, boolean demodulate, Tensor filter) {
    check(x, weight, 2, styles);
    Tensor blurred = FirConv2d.blur(x, weight, filter);
    Conv2dSpec spec = Conv2d.spec(blurred, weight, FirConv2d.downStride(weight), Padding.all(0));
    Tensor d = demodulate ? demodulation(norms(weight), styles, false) : null;
    return ScaledConv2d.of(spec, false, blurred, styles, weight, d);
  }

  private static void check(Tensor x, Tensor weight, int inAxis, Tensor styles) {
    checkArgument(
        x.shape().rank() == 4
            && weight.shape().rank() == 4
            && weight.dim(0) % 2 == 1
            && styles.shape().rank() == 2
            && styles.dim(0) == x.dim(0)
            && styles.dim(1) == x.dim(3)
            && weight.dim(inAxis) == x.dim(3),
        "[batch, height, width, in] %s, styles [batch, in] %s and a weight %s of an odd kernel"
            + " with input channels in axis %s do not go together",
        x.shape(),
        styles.shape(),
        weight.shape(),
        inAxis);
  }

  private static void checkOutput(Tensor weight, int outAxis, Tensor styles, Tensor d) {
    checkArgument(
        d == null || d.shape().equals(Shape.of(styles.dim(0), weight.dim(outAxis))),
        "the output is scaled by [batch, out] [%s, %s], got %s",
        styles.dim(0),
        weight.dim(outAxis),
        d == null ? null : d.shape());
  }

  /**
   * Σ w² over the kernel, which a constant weight needs once.
   *
   * @param weight [kernel, kernel, a, b]
   * @return [a, b]
   */
  public static Tensor norms(Tensor weight) {
    return weight.square().sum(0, 1).reshape(weight.dim(2), weight.dim(3));
  }

  /**
   * d, which is 1 over the norm of the modulated weight.
   *
   * @param norms [in, out], as {@link #norms} gives them, or transposed
   * @param styles [batch, in]
   * @return [batch, out]
   */
  public static Tensor demodulation(Tensor norms, Tensor styles, boolean transposed) {
    return Matmul.of(styles.square(), norms, false, transposed).add(EPSILON).rsqrt();
  }
}
