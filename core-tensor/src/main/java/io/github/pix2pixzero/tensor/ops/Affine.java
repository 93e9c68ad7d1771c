package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/** {@code scale · x + shift} with two constants. */
public final class Affine extends Op {
  private final float scale;

  private Affine(float scale) {
    this.scale = scale;
  }

  public static Tensor of(Tensor x, float scale, float shift) {
    Tensor out = Tensor.empty(x.backend(), x.shape());
    x.backend().affine(x.size(), x.storage(), scale, shift, out.storage());
    return Autograd.record(out, new Affine(scale), List.of(x));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {scale == 1f ? gradOut : gradOut.mul(scale)};
  }
}
