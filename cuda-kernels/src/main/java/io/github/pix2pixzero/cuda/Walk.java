package io.github.pix2pixzero.cuda;

/**
 * A row-major walk over a shape in two tensors at once. Axes of extent 1 are left out, and
 * neighbouring axes merged where both tensors allow it.
 */
final class Walk {
  private final int[] shape;
  private final int[] aStrides;
  private final int[] bStrides;
  private int rank;

  private Walk(int capacity) {
    shape = new int[capacity];
    aStrides = new int[capacity];
    bStrides = new int[capacity];
  }

  static Walk of(int[] shape, int[] aStrides, int[] bStrides) {
    Walk walk = new Walk(shape.length + 1);
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] != 1) {
        walk.append(shape[i], aStrides[i], bStrides[i]);
      }
    }
    if (walk.rank == 0) {
      walk.append(1, 1, 1);
    }
    return walk;
  }

  private void append(int extent, int aStride, int bStride) {
    int last = rank - 1;
    boolean merges =
        rank > 0 && aStrides[last] == aStride * extent && bStrides[last] == bStride * extent;
    if (merges) {
      shape[last] *= extent;
    } else {
      shape[rank++] = extent;
    }
    aStrides[rank - 1] = aStride;
    bStrides[rank - 1] = bStride;
  }

  int rank() {
    return rank;
  }

  int extent(int axis) {
    return shape[axis];
  }

  int aStride(int axis) {
    return aStrides[axis];
  }

  int bStride(int axis) {
    return bStrides[axis];
  }

  /** The number of elements. */
  int size() {
    int size = 1;
    for (int i = 0; i < rank; i++) {
      size *= shape[i];
    }
    return size;
  }

  /** Whether both tensors are read from front to back. */
  boolean isAbreast() {
    return rank == 1 && aStrides[0] == 1 && bStrides[0] == 1;
  }
}
