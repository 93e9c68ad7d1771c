package io.github.pix2pixzero.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import java.util.Arrays;
import java.util.List;

/** The extents of a tensor, outermost first. A scalar has rank 0 and one element. Immutable. */
public final class Shape {
  private final int[] dims;

  private Shape(int[] dims) {
    this.dims = dims;
  }

  /**
   * A shape of the given extents.
   *
   * @throws IllegalArgumentException if an extent is below 1 or the number of elements overflows an
   *     int
   */
  public static Shape of(int... dims) {
    List<Integer> shown = Ints.asList(dims); // becomes text in an error only
    long size = 1;
    for (int dim : dims) {
      checkArgument(dim > 0, "every extent must be at least 1, got %s", shown);
      size *= dim;
      checkArgument(size <= Integer.MAX_VALUE, "too many elements in a tensor of %s", shown);
    }
    return new Shape(dims.clone());
  }

  public int rank() {
    return dims.length;
  }

  /** The extent of an axis; negative axes count from the last. */
  public int dim(int axis) {
    return dims[axis(axis)];
  }

  /** The index of an axis; negative axes count from the last. */
  public int axis(int axis) {
    int index = axis < 0 ? axis + dims.length : axis;
    checkArgument(index >= 0 && index < dims.length, "%s has no axis %s", this, axis);
    return index;
  }

  /** The number of elements. */
  public int size() {
    return size(0, dims.length);
  }

  /** The number of elements in the axes {@code from} (inclusive) to {@code to} (exclusive). */
  public int size(int from, int to) {
    int size = 1;
    for (int i = from; i < to; i++) {
      size *= dims[i];
    }
    return size;
  }

  public int[] toArray() {
    return dims.clone();
  }

  /** The distance, in elements, between neighbours along each axis of a contiguous tensor. */
  public int[] strides() {
    int[] strides = new int[dims.length];
    int stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strides;
  }

  /** This shape with one extent replaced. */
  public Shape with(int axis, int dim) {
    int[] changed = dims.clone();
    changed[axis(axis)] = dim;
    return of(changed);
  }

  /**
   * The shape both broadcast to, as in NumPy: aligned at the last axis, an extent of 1 stretches.
   *
   * @throws IllegalArgumentException naming both shapes if they do not fit
   */
  public static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] dims = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int da = i <= a.rank() ? a.dim(-i) : 1;
      int db = i <= b.rank() ? b.dim(-i) : 1;
      checkArgument(da == db || da == 1 || db == 1, "%s and %s do not broadcast", a, b);
      dims[rank - i] = Math.max(da, db);
    }
    return of(dims);
  }

  /**
   * The strides with which a contiguous tensor of this shape is read as one of {@code target}: 0
   * along stretched axes.
   */
  public int[] stridesWithin(Shape target) {
    int[] strides = strides();
    int[] stretched = new int[target.rank()];
    int lead = target.rank() - rank();
    for (int i = 0; i < rank(); i++) {
      stretched[lead + i] = dims[i] == 1 ? 0 : strides[i];
    }
    return stretched;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape && Arrays.equals(dims, ((Shape) other).dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
