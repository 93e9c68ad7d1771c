package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.UpfirdnSpec;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import java.util.List;

/**
 * Upsampling by zeros, padding, filtering and downsampling of every channel (Karras et al., 2020).
 * The gradient is the same with up and down exchanged, the filter turned around and the {@linkplain
 * UpfirdnSpec#gradient() paddings that fit}, so that derivatives of any order exist. Agrees with
 * StyleGAN2's {@code upfirdn2d}, whose filter is turned around (a convolution, not a correlation)
 * unless it is told otherwise; here that is {@code flipped}.
 */
public final class Upfirdn extends Op {
  private final UpfirdnSpec spec;
  private final Tensor filter;

  private Upfirdn(UpfirdnSpec spec, Tensor filter) {
    this.spec = spec;
    this.filter = filter;
  }

  /**
   * @param x [batch, height, width, channels]
   * @param filter [filterHeight, filterWidth], not tracked
   * @param padding zeros added after upsampling; negative ones cut off
   * @param flipped whether the filter is turned around
   * @return [batch, (height · up + padding - filterHeight) / down + 1, …, channels]
   * @throws IllegalArgumentException if the filter does not fit
   */
  public static Tensor of(
      Tensor x, Tensor filter, int up, int down, Padding padding, boolean flipped) {
    checkArgument(
        x.shape().rank() == 4 && filter.shape().rank() == 2 && up > 0 && down > 0,
        "[batch, height, width, channels] %s and a filter %s do not resample by %s / %s",
        x.shape(),
        filter.shape(),
        up,
        down);
    checkArgument(!filter.isTracked(), "a filter is not differentiable");
    UpfirdnSpec spec =
        new UpfirdnSpec(
            x.dim(0),
            x.dim(1),
            x.dim(2),
            x.dim(3),
            filter.dim(0),
            filter.dim(1),
            up,
            down,
            padding.top(),
            padding.left(),
            padding.bottom(),
            padding.right(),
            flipped);
    checkArgument(
        spec.outHeight() > 0 && spec.outWidth() > 0,
        "a filter %s does not fit %s, enlarged %s times and padded by %s",
        filter.shape(),
        x.shape(),
        up,
        padding);
    return of(spec, x, filter);
  }

  private static Tensor of(UpfirdnSpec spec, Tensor x, Tensor filter) {
    Shape shape = Shape.of(spec.batch(), spec.outHeight(), spec.outWidth(), spec.channels());
    Tensor out = Tensor.empty(x.backend(), shape);
    x.backend().upfirdn(spec, x.storage(), filter.storage(), out.storage());
    return Autograd.record(out, new Upfirdn(spec, filter), List.of(x), filter);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {of(spec.gradient(), gradOut, filter)};
  }
}
