package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where a network's weights come from, walked down by their dotted names: {@code
 * weights.at("down_blocks").at(0)}. Layers are built from any of three sources:
 *
 * <ul>
 *   <li>{@link #of stored}: read from files, constant;
 *   <li>{@link #declared}: only noted, to compare a model with files that are not read;
 *   <li>trainable: {@link io.github.pix2pixzero.tensor.optim.Parameters}, made by {@link
 *       Initializer}s or set from a file, and changed by an optimiser.
 * </ul>
 *
 * <p>In files weights have PyTorch's names and shapes. What is handed out is in the {@link Layout}
 * the operations expect, and lives outside of all scopes.
 */
public interface Weights {

  /**
   * Weights that are read from files. They are constant; half precision stays what it is, as {@link
   * Backend#constant} says. Numbers that are not finite are refused, by the tensor's name.
   */
  static Weights of(Backend backend, TensorSource source) {
    return of(backend, source, read -> {});
  }

  /**
   * As {@link #of(Backend, TensorSource)}, for who shows progress.
   *
   * @param listener told of every tensor when it has been read
   */
  static Weights of(Backend backend, TensorSource source, Consumer<StoredTensor> listener) {
    return new StoredWeights(backend, source, listener);
  }

  /** What a model asks for, compared with files but not read from them. */
  static DeclaredWeights declared(TensorSource source) {
    return new DeclaredWeights(source);
  }

  /** Where what is handed out lives. */
  Backend backend();

  /** The weights whose names go on with {@code name} and a dot. */
  Weights at(String name);

  /** As {@link #at(String)}, for layers that are counted. */
  default Weights at(int index) {
    return at(Integer.toString(index));
  }

  /** Whether the source has a tensor of this name already. */
  boolean has(String name);

  /** Names in the source that nothing has asked for so far, sorted. */
  Set<String> leftovers();

  /**
   * The same weights, whose matrices and kernels start as {@code start} says where weights are
   * made; {@link Initializer#fanIn()} otherwise.
   */
  default Weights starting(Initializer start) {
    return this;
  }

  /** How matrices and kernels start where weights are made. */
  default Initializer start() {
    return Initializer.fanIn();
  }

  /**
   * A tensor.
   *
   * @param layout how the operations expect it
   * @param start its elements at first, where weights are made
   * @param stored its shape in a file
   * @return of shape {@code layout.used(stored)}
   * @throws IllegalArgumentException naming source, tensor and both shapes if it is missing or has
   *     another shape
   */
  Tensor tensor(String name, Layout layout, Initializer start, Shape stored);

  /** A tensor as it is stored, such as a bias or an embedding. */
  default Tensor tensor(String name, Initializer start, int... dims) {
    return tensor(name, Layout.AS_STORED, start, Shape.of(dims));
  }

  /** A tensor as it is stored, which starts as zeros. */
  default Tensor tensor(String name, int... dims) {
    return tensor(name, Initializer.zeros(), dims);
  }

  /**
   * A linear layer's weight, stored [out, in]; made [in, out]. Files may hold it as a 1×1
   * convolution's.
   */
  default Tensor linear(String name, int in, int out) {
    return tensor(name, Layout.LINEAR, start(), Shape.of(out, in));
  }

  /**
   * A 1×1 convolution's weight, stored [out, in, 1, 1]; made [in, out]. Files may hold it as a
   * linear layer's.
   */
  default Tensor pointwise(String name, int in, int out) {
    return tensor(name, Layout.POINTWISE, start(), Shape.of(out, in, 1, 1));
  }

  /** A convolution's weight, stored [out, in, kernel, kernel]; made [kernel, kernel, in, out]. */
  default Tensor convolution(String name, int in, int out, int kernel) {
    return tensor(name, Layout.CONVOLUTION, start(), Shape.of(out, in, kernel, kernel));
  }

  /**
   * The weight of a convolution that is computed as a transposed one, stored [out, in, kernel,
   * kernel]; made [kernel, kernel, out, in].
   */
  default Tensor upConvolution(String name, int in, int out, int kernel) {
    return tensor(name, Layout.UP_CONVOLUTION, start(), Shape.of(out, in, kernel, kernel));
  }

  /**
   * A tensor that is missing in a source or has another shape than a model expects.
   *
   * @param name its full name
   * @param expected the stored shape that the model expects
   * @param found the shape that is there; empty if the tensor is missing
   */
  record Fault(String name, Shape expected, Optional<String> found) {
    /** To be read after the name of the file. */
    @Override
    public String toString() {
      return found
          .map(shape -> ": %s has shape %s, expected %s".formatted(name, shape, expected))
          .orElse(" has no tensor %s (expected with shape %s)".formatted(name, expected));
    }
  }
}
