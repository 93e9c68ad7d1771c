package io.github.pix2pixzero.tensor.internal.cpu;

/**
 * A row-major walk over a shape in two arrays at once, handed out in runs along the innermost axis.
 * Axes of extent 1 are left out and neighbouring axes merged where both arrays allow it, so that
 * the runs are as long as they can be.
 */
public final class Walk {
  private static final int GRAIN = 16384;

  /** Elements of which a run costs more to begin than to do. */
  private static final int SHORT = 8;

  private static final int MOST_INNER = 64;

  private final int[] shape;
  private final int[] aStrides;
  private final int[] bStrides;
  private int rank;

  /** Where the elements of the axes that were taken off begin, from that of an element on. */
  private int[] aInner = {0};

  private int[] bInner = {0};

  public Walk(int[] shape, int[] aStrides, int[] bStrides) {
    this.shape = new int[shape.length + 1];
    this.aStrides = new int[shape.length + 1];
    this.bStrides = new int[shape.length + 1];
    int n = 0;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == 1) {
        continue;
      }
      boolean merges =
          n > 0
              && this.aStrides[n - 1] == aStrides[i] * shape[i]
              && this.bStrides[n - 1] == bStrides[i] * shape[i];
      if (merges) {
        this.shape[n - 1] *= shape[i];
      } else {
        this.shape[n++] = shape[i];
      }
      this.aStrides[n - 1] = aStrides[i];
      this.bStrides[n - 1] = bStrides[i];
    }
    if (n == 0) {
      this.shape[n++] = 1;
    }
    this.rank = n;
  }

  /**
   * Work on {@code length} elements: they begin at {@code a}, {@code b} and {@code index}, which is
   * counted in the order of the shape.
   */
  public interface Run {
    void run(int a, int b, int index, int length);
  }

  /**
   * Makes the last two axes one along which the second array stands still, if it has the same row
   * at all places of the last but one while the first array goes straight on.
   *
   * @return the elements of that row, which an element of index {@code i} meets at {@code i} modulo
   *     this; 0 if it is not so
   */
  public int joinRepeats() {
    int last = rank - 1;
    if (rank < 2
        || aStrides[last] != 1
        || bStrides[last] != 1
        || aStrides[last - 1] != shape[last]
        || bStrides[last - 1] != 0) {
      return 0;
    }
    int period = shape[last];
    shape[last - 1] *= period;
    aStrides[last - 1] = 1;
    rank--;
    return period;
  }

  /**
   * Where the last axes are short, has the runs along a longer one before them, one run for each
   * element of theirs. Elements of a run then are {@link #indexStride} apart.
   */
  Walk alongLongAxis() {
    int axis = rank - 1;
    int inner = 1;
    while (axis > 0 && shape[axis] <= SHORT && inner * shape[axis] <= MOST_INNER) {
      inner *= shape[axis--];
    }
    if (shape[axis] <= SHORT) {
      return this;
    }
    aInner = new int[inner];
    bInner = new int[inner];
    for (int i = 0; i < inner; i++) {
      int rest = i;
      for (int last = rank - 1; last > axis; last--) {
        aInner[i] += rest % shape[last] * aStrides[last];
        bInner[i] += rest % shape[last] * bStrides[last];
        rest /= shape[last];
      }
    }
    rank = axis + 1;
    return this;
  }

  /** The stride of the first array along a run. */
  int aStride() {
    return aStrides[rank - 1];
  }

  /** The stride of the second array along a run. */
  int bStride() {
    return bStrides[rank - 1];
  }

  /** How far the elements of a run are apart in the order of the shape. */
  int indexStride() {
    return aInner.length;
  }

  private int size() {
    int size = 1;
    for (int i = 0; i < rank; i++) {
      size *= shape[i];
    }
    return size;
  }

  /** Covers all elements. */
  public void forEachRun(Workers workers, Run body) {
    int inner = aInner.length;
    workers.range(
        size(),
        GRAIN / inner,
        (from, to) -> {
          for (int i = 0; i < inner; i++) {
            int element = i;
            range(
                from,
                to,
                (a, b, index, length) ->
                    body.run(
                        a + aInner[element], b + bInner[element], index * inner + element, length));
          }
        });
  }

  private void range(int from, int to, Run body) {
    int[] index = new int[rank];
    int a = 0;
    int b = 0;
    int rest = from;
    for (int axis = rank - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis];
      rest /= shape[axis];
      a += index[axis] * aStrides[axis];
      b += index[axis] * bStrides[axis];
    }
    int last = rank - 1;
    for (int at = from; at < to; ) {
      int length = Math.min(shape[last] - index[last], to - at);
      body.run(a, b, at, length);
      at += length;
      a += length * aStrides[last];
      b += length * bStrides[last];
      index[last] += length;
      for (int axis = last; axis > 0 && index[axis] == shape[axis]; axis--) {
        index[axis] = 0;
        index[axis - 1]++;
        a += aStrides[axis - 1] - shape[axis] * aStrides[axis];
        b += bStrides[axis - 1] - shape[axis] * bStrides[axis];
      }
    }
  }
}
