package io.github.pix2pixzero.tensor.internal.vector;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Layout;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Use;
import io.github.pix2pixzero.tensor.internal.vector.Product.Left;
import io.github.pix2pixzero.tensor.internal.vector.Product.Result;

/**
 * The matrices of the heads of an attention layer, which lie side by side in the rows of [batch,
 * tokens, heads · headDim].
 */
final class Heads {
  /** Elements of the scores that a task works on at a time, unless a row is longer. */
  private static final int STRIP_ELEMENTS = 1 << 16;

  private static final int MOST_ROWS = 48;

  /** How many multiplications moving an element takes the time of. */
  private static final int TURN_COST = 16;

  private final AttentionSpec spec;
  private final Workers workers;
  private final Packing packing;

  Heads(AttentionSpec spec, Workers workers, Packing packing) {
    this.spec = spec;
    this.workers = workers;
    this.packing = packing;
  }

  /** The number of heads in the batch. */
  int count() {
    return spec.batch() * spec.heads();
  }

  /**
   * Where the matrix [tokens, headDim] of a head begins; rows are {@link AttentionSpec#width()}
   * apart.
   */
  private int start(int head, int tokens) {
    return head / spec.heads() * tokens * spec.width() + head % spec.heads() * spec.headDim();
  }

  /** Where a row of a head's matrix begins. */
  int row(int head, int row, int tokens) {
    return start(head, tokens) + row * spec.width();
  }

  /** {@code count} rows of a head's [tokens, headDim], from the element {@code start} on. */
  Left rows(float[] x, int start, int count) {
    return Left.matrix(x, start, Scratch.get().evenRows(0, count, spec.width()), spec.headDim());
  }

  /**
   * {@code rows} rows of scores, which begin at {@code from} and are {@code stride} apart, times a
   * factor, into rows of a head from {@code to} on.
   */
  void multiply(float[] scores, int from, int stride, int rows, Panels right, float[] out, int to) {
    int[] starts = Scratch.get().evenRows(0, rows, stride);
    Left left = Left.matrix(scores, from, starts, right.depth());
    Product.multiply(rows, left, right, Result.plain(out, to, spec.width()));
  }

  /** Panels of a right factor for every head, for the length of a call. */
  record AllPanels(Layout layout, Borrowed borrowed) implements AutoCloseable {
    Panels of(int head) {
      return layout.panels(borrowed.array(), head);
    }

    /** The panels of a head with the zero columns that fill up the last vector. */
    Panels padded(int head) {
      Panels panels = of(head);
      return new Panels(
          panels.array(), panels.start(), panels.depth(), RowLoops.padded(panels.columns()));
    }

    @Override
    public void close() {
      borrowed.close();
    }
  }

  /** Panels of every head's [tokens, headDim]. */
  AllPanels panels(float[] x, int tokens) {
    return panels(
        x, tokens, new Layout(Use.MATRIX, count(), tokens, spec.headDim()), spec.width(), 1);
  }

  /** Panels of every head's transposed matrix [headDim, tokens]. */
  AllPanels transposedPanels(float[] x, int tokens) {
    return panels(
        x, tokens, new Layout(Use.TRANSPOSED, count(), spec.headDim(), tokens), 1, spec.width());
  }

  private AllPanels panels(
      float[] x, int tokens, Layout layout, int depthStride, int columnStride) {
    AllPanels panels = new AllPanels(layout, packing.array(layout.size()));
    packing.eachPanel(
        layout,
        (head, panel) ->
            panels.of(head).pack(panel, x, start(head, tokens), depthStride, columnStride));
    return panels;
  }

  /** Panels of some rows of a head, in slot 2 of {@link Scratch}. */
  Panels panels(float[] x, int head, int first, int rows, int tokens) {
    int columns = spec.headDim();
    float[] space = Scratch.get().floats(2, Panels.size(rows, columns));
    Panels panels = new Panels(space, 0, rows, columns);
    for (int panel = 0; panel < panels.count(); panel++) {
      panels.pack(panel, x, row(head, first, tokens), spec.width(), 1);
    }
    return panels;
  }

  /** Every head's [tokens, headDim], transposed, one after another. */
  Borrowed turned(float[] x, int tokens) {
    int depth = spec.headDim();
    int stride = Product.spread(tokens);
    Borrowed turned = packing.array(Math.multiplyExact(count() * depth, stride));
    workers.range(
        count(),
        Tasks.grain((long) depth * tokens * TURN_COST),
        (from, to) -> {
          int[] rows = Scratch.get().evenRows(0, tokens, spec.width());
          for (int head = from; head < to; head++) {
            int source = start(head, tokens);
            Product.turn(
                depth, tokens, x, source, rows, turned.array(), head * depth * stride, stride);
          }
        });
    return turned;
  }

  /** The rows of a head of {@link #turned}: some of its tokens. */
  Left turnedRows(float[] turned, int head, int first, int count, int tokens) {
    int depth = spec.headDim();
    int stride = Product.spread(tokens);
    int[] rows = Scratch.get().evenRows(0, depth, stride);
    return Left.matrix(turned, head * depth * stride + first, rows, count);
  }

  /** Writes the transpose of [headDim, stride] into {@code count} rows of a head. */
  void placeTurned(int count, int stride, float[] columns, int from, float[] out, int to) {
    for (int i = 0; i < count; i++) {
      int row = to + i * spec.width();
      for (int d = 0; d < spec.headDim(); d++) {
        out[row + d] = columns[from + d * stride + i];
      }
    }
  }

  /** Work on some rows of the scores of a head. */
  @FunctionalInterface
  interface Strip {
    void run(int head, int firstRow, int rows);
  }

  /** Runs a task for every strip of matrices [rows, columns], one a head. */
  void eachStrip(int rows, int columns, Strip strip) {
    int height = Math.min(MOST_ROWS, Math.max(1, STRIP_ELEMENTS / columns / 12) * 12);
    int strips = Tasks.divideUp(rows, height);
    long work = (long) height * columns * spec.headDim();
    workers.range(
        count() * strips,
        Tasks.grain(work),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int first = i % strips * height;
            strip.run(i / strips, first, Math.min(height, rows - first));
          }
        });
  }
}
