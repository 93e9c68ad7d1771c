package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What a product adds to its result; its gradient and the bias's are those of the result. */
final class Residual {
  private Residual() {}

  static void check(Tensor residual, Shape out) {
    checkArgument(
        residual == null || residual.shape().equals(out),
        "a residual %s does not fit a result %s",
        residual == null ? null : residual.shape(),
        out);
  }

  /** The inputs of a product, of which {@code bias} and {@code residual} may be null. */
  static List<Tensor> inputs(Tensor a, Tensor b, Tensor bias, Tensor residual) {
    List<Tensor> inputs = new ArrayList<>(List.of(a, b));
    if (bias != null) {
      inputs.add(bias);
    }
    if (residual != null) {
      inputs.add(residual);
    }
    return inputs;
  }
}
