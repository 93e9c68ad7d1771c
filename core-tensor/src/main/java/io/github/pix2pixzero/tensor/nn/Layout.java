package io.github.pix2pixzero.tensor.nn;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Shape;
import java.nio.ByteBuffer;

/**
 * How a weight lies in a file, as PyTorch writes it, and how the operations expect it: with outputs
 * last, since activations are channels-last.
 */
public enum Layout {
  /** The same in both, as biases and embeddings. */
  AS_STORED,
  /** Stored [out, in], used [in, out]. */
  LINEAR,
  /** A 1×1 convolution computed as a matrix product: stored [out, in, 1, 1], used [in, out]. */
  POINTWISE,
  /** Stored [out, in, kernel, kernel], used [kernel, kernel, in, out]. */
  CONVOLUTION,
  /**
   * A convolution computed as a transposed one, to twice the size: stored [out, in, kernel,
   * kernel], used [kernel, kernel, out, in].
   */
  UP_CONVOLUTION;

  /**
   * The shape in use of what is stored with this shape.
   *
   * @throws IllegalArgumentException if nothing of this layout is stored with it
   */
  public Shape used(Shape stored) {
    checkArgument(
        this == AS_STORED || stored.rank() == (this == LINEAR ? 2 : 4),
        "a weight stored with shape %s is none of %s",
        stored,
        this);
    return switch (this) {
      case AS_STORED -> stored;
      case LINEAR, POINTWISE -> Shape.of(stored.dim(1), stored.dim(0));
      case CONVOLUTION -> Shape.of(stored.dim(2), stored.dim(3), stored.dim(1), stored.dim(0));
      case UP_CONVOLUTION -> Shape.of(stored.dim(2), stored.dim(3), stored.dim(0), stored.dim(1));
    };
  }

  /** The shape in which a file holds what is used with this shape. */
  public Shape stored(Shape used) {
    return switch (this) {
      case AS_STORED -> used;
      case LINEAR -> Shape.of(used.dim(1), used.dim(0));
      case POINTWISE -> Shape.of(used.dim(1), used.dim(0), 1, 1);
      case CONVOLUTION -> Shape.of(used.dim(3), used.dim(2), used.dim(0), used.dim(1));
      case UP_CONVOLUTION -> Shape.of(used.dim(2), used.dim(3), used.dim(0), used.dim(1));
    };
  }

  /** Elements in the order of use, from the order in which a tensor of this shape is stored. */
  public float[] toUsed(float[] elements, Shape stored) {
    return this == AS_STORED
        ? elements.clone()
        : OutputsLast.turn(elements, outputs(stored), inputs(stored), taps(stored));
  }

  /** As {@link #toUsed(float[], Shape)}, of elements of {@code elementBytes} each. */
  ByteBuffer toUsed(ByteBuffer elements, int elementBytes, Shape stored) {
    return this == AS_STORED
        ? elements
        : OutputsLast.turn(elements, elementBytes, outputs(stored), inputs(stored), taps(stored));
  }

  /** Elements in stored order: the inverse of {@link #toUsed(float[], Shape)}. */
  public float[] toStored(float[] elements, Shape stored) {
    return this == AS_STORED
        ? elements.clone()
        : OutputsLast.turnBack(elements, outputs(stored), inputs(stored), taps(stored));
  }

  /** The axis that goes last; an up-convolution has its kernel brought forward and no more. */
  private int outputs(Shape stored) {
    return this == UP_CONVOLUTION ? 1 : stored.dim(0);
  }

  private int inputs(Shape stored) {
    return this == UP_CONVOLUTION ? stored.dim(0) * stored.dim(1) : stored.dim(1);
  }

  private static int taps(Shape stored) {
    return stored.size(2, stored.rank());
  }
}
