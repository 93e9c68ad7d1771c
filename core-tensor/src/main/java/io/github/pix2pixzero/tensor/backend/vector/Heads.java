package io.github.pix2pixzero.tensor.backend.vector;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.cpu.Workers;

/** The matrices of the heads of an attention layer, which lie side by side in the rows of [batch, tokens, heads · headDim]. */
final class Heads {
  /** Elements of the scores that a task works on at a time, unless a row is longer. */
  private static final int STRIP_ELEMENTS = 1 << 16;

  private static final int MOST_ROWS = 48;

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

  /** Where the matrix [tokens, headDim] of a head begins; rows are {@link AttentionSpec#width()} apart. */
  int start(int head, int tokens) {
    return head / spec.heads() * tokens * spec.width() + head % spec.heads() * spec.headDim();
  }

  /** Panels of the right factor of every head. */
  record All(float[] array, int depth, int columns) {
    Panels of(int head) {
      return new Panels(array, head * Panels.size(depth, columns), depth, columns);
    }
  }

  /** Makes panels of every head's [tokens, headDim], for the length of a call. */
  void withPanels(float[] x, int tokens, Body body) {
    withPanels(x, tokens, tokens, spec.headDim(), spec.width(), 1, body);
  }

  /** Makes panels of every head's transposed matrix [headDim, tokens], for the length of a call. */
  void withTransposedPanels(float[] x, int tokens, Body body) {
    withPanels(x, tokens, spec.headDim(), tokens, 1, spec.width(), body);
  }

  /** What is to be done with panels. */
  @FunctionalInterface
  interface Body {
    void run(All panels);
  }

  private void withPanels(
      float[] x,
      int tokens,
      int depth,
      int columns,
      int depthStride,
      int columnStride,
      Body body) {
    int panels = Panels.count(columns);
    packing.with(
        Math.multiplyExact(count(), Panels.size(depth, columns)),
        array ->
            packing.eachPanel(
                count() * panels,
                depth,
                i ->
                    new All(array, depth, columns)
                        .of(i / panels)
                        .pack(i % panels, x, start(i / panels, tokens), depthStride, columnStride)),
        array -> body.run(new All(array, depth, columns)));
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
