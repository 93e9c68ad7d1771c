package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Recompute;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.function.Function;

/** What of a forward pass is kept for the backward pass. */
public enum Remembering {
  /** All that gradients need. */
  ALL {
    @Override
    Tensor level(Function<Tensor[], Tensor> level, Tensor... inputs) {
      return level.apply(inputs);
    }
  },
  /**
   * What goes from one level of the network to the next. What lies between is made once more in the
   * backward pass: large pictures take less memory, and a third more time.
   */
  LEVELS {
    @Override
    Tensor level(Function<Tensor[], Tensor> level, Tensor... inputs) {
      return Recompute.ofAll(level, inputs);
    }
  };

  /** The result of a level, which draws nothing at random. */
  abstract Tensor level(Function<Tensor[], Tensor> level, Tensor... inputs);
}
