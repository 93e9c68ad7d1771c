package io.github.pix2pixzero.tensor;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One recorded operation: what its backward pass needs. Subclasses live one a file in {@code ops};
 * each keeps what it saved in fields.
 */
public abstract class Op {
  private static final AtomicLong CLOCK = new AtomicLong();

  /** Position in the order of recording; inputs always come before outputs. */
  long order;

  Tensor[] inputs;
  boolean[] needed;

  /** Takes its place in the graph. */
  final void record(List<Tensor> from) {
    inputs = from.toArray(Tensor[]::new);
    order = CLOCK.incrementAndGet();
  }

  /**
   * The gradients with respect to the inputs, given that with respect to the output. An entry may
   * be null where {@link #needs} says no. An entry may have the shape the input was broadcast to;
   * the driver sums it back.
   */
  protected abstract Tensor[] backward(Tensor gradOut);

  /** Whether the running backward pass wants the gradient of input {@code index}. */
  protected final boolean needs(int index) {
    return needed[index];
  }

  /** Name in messages. */
  public String name() {
    return getClass().getSimpleName();
  }
}
