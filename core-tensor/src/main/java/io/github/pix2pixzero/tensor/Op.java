package io.github.pix2pixzero.tensor;

import io.github.pix2pixzero.tensor.backend.Storage;
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
  private Storage[] saved;
  private int[] versions;

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

  /**
   * The same, given two gradients whose sum is that of the output, from two of its uses. For
   * operations whose kernel adds them up itself to override.
   */
  protected Tensor[] backward(Tensor gradOut, Tensor more) {
    return backward(gradOut.add(more));
  }

  /** Whether the running backward pass wants the gradient of input {@code index}. */
  protected final boolean needs(int index) {
    return needed[index];
  }

  /** Name in messages. */
  public String name() {
    return getClass().getSimpleName();
  }

  /** Notes what the backward pass will read. */
  final void save(Tensor[] tensors) {
    saved = new Storage[tensors.length];
    versions = new int[tensors.length];
    for (int i = 0; i < tensors.length; i++) {
      saved[i] = tensors[i].storage();
      versions[i] = saved[i].version();
    }
  }

  /** Refuses to compute a wrong gradient from weights that a step of training has changed since. */
  final void checkUnchanged() {
    for (int i = 0; i < saved.length; i++) {
      if (saved[i].version() != versions[i]) {
        throw new IllegalStateException(
            "a parameter that %s read was changed in place since, as by an optimiser's step; compute the loss anew"
                .formatted(name()));
      }
    }
  }
}
