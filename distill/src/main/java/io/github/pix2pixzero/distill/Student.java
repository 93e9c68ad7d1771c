package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.random.Generator;
import java.util.List;

/** A network that makes an edit's picture of its source in one pass. */
public interface Student {

  /**
   * A picture, and where it differs from its source.
   *
   * @param picture [batch, height, width, 3] in [-1, 1], but not clipped
   * @param maskLogits [batch, height, width, 1]; null where the head is {@link Head#PLAIN}
   */
  record Answer(Tensor picture, Tensor maskLogits) {}

  /** Builds the network of a config. */
  static Student of(Weights weights, StudentConfig config) {
    return of(weights, config, Remembering.ALL);
  }

  /** The same with a choice of what is kept for the backward pass. */
  static Student of(Weights weights, StudentConfig config, Remembering remembering) {
    return config instanceof ComodConfig
        ? new ComodStudent(weights, (ComodConfig) config, remembering)
        : new FastStudent(weights, (FastConfig) config, remembering);
  }

  StudentConfig config();

  /**
   * The answer to a source, the same every time.
   *
   * @param source [batch, height, width, 3] in [-1, 1]
   * @throws IllegalArgumentException if the network does not take pictures of this size
   */
  Answer answer(Tensor source);

  /**
   * An answer in training, where parts of the network may be dropped or fed with chance.
   *
   * @param random a generator for each picture, so that what is drawn for one does not depend on
   *     those beside it
   */
  Answer answer(Tensor source, List<? extends Generator> random);

  /**
   * The edited picture.
   *
   * @param source [batch, height, width, 3] in [-1, 1]
   * @return of the same shape
   */
  default Tensor apply(Tensor source) {
    try (Scope scope = Scope.local()) {
      return scope.keep(answer(source).picture());
    }
  }
}
