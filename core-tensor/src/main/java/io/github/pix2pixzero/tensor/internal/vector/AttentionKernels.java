package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.MAX_ROWS;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import io.github.pix2pixzero.tensor.internal.vector.Heads.AllPanels;
import io.github.pix2pixzero.tensor.internal.vector.Heads.Strip;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.internal.vector.Product.Left;
import io.github.pix2pixzero.tensor.internal.vector.Product.Result;
import io.github.pix2pixzero.tensor.internal.vector.Product.Turned;
import java.util.Arrays;

/** Attention whose probabilities are kept. */
final class AttentionKernels {
  /** Elements of the scores of the queries that are summed up at a time. */
  private static final int BLOCK_ELEMENTS = 1 << 16;

  private static final int LEAST_QUERIES = 48;

  private static final int MOST_QUERIES = 240;

  /** Tasks wanted for sums over queries. */
  private static final int TASKS = 16;

  private static final int SUM_ELEMENTS = 1 << 14;

  private final Workers workers;
  private final Packing packing;

  AttentionKernels(Workers workers, Packing packing) {
    this.workers = workers;
    this.packing = packing;
  }

  void probs(AttentionSpec spec, float[] q, float[] k, float[] probs) {
    Heads heads = new Heads(spec, workers, packing);
    int keys = spec.keys();
    int stride = RowLoops.padded(keys);
    try (AllPanels keyColumns = heads.transposedPanels(k, keys)) {
      heads.eachStrip(
          spec.queries(),
          keys,
          (head, first, rows) -> {
            int row = heads.row(head, first, spec.queries());
            float[] strip = Scratch.get().floats(0, rows * stride);
            scores(spec, heads.rows(q, row, rows), rows, keyColumns.padded(head), strip);
            for (int i = 0; i < rows; i++) {
              int seen = seen(spec, first + i);
              int to = (head * spec.queries() + first + i) * keys;
              SoftmaxKernels.softmax(seen, strip, i * stride, probs, to);
              Arrays.fill(probs, to + seen, to + keys, 0f);
            }
          });
    }
  }

  /** The keys that a query sees. */
  static int seen(AttentionSpec spec, int query) {
    return spec.causal() ? Math.min(spec.keys(), query + 1) : spec.keys();
  }

  /** Scaled products of some rows with columns that fill whole vectors. */
  static void scores(AttentionSpec spec, Left left, int rows, Panels columns, float[] scores) {
    Product.multiply(
        rows, left, columns, new Result(scores, 0, columns.columns(), spec.scale(), null, false));
  }

  /** {@code moreGradProbs} may be null; {@code gradK} is null where not wanted. */
  void probsBackward(
      AttentionSpec spec,
      float[] q,
      float[] k,
      float[] probs,
      float[] gradProbs,
      float[] moreGradProbs,
      float[] gradQ,
      float[] gradK) {
    Heads heads = new Heads(spec, workers, packing);
    int keys = spec.keys();
    int stride = RowLoops.padded(keys);
    try (AllPanels keyRows = heads.panels(k, keys)) {
      Strip strip =
          (head, first, rows) -> {
            int from = (head * spec.queries() + first) * keys;
            float[] gradScores = Scratch.get().floats(1, rows * stride);
            gradScores(spec, rows, probs, gradProbs, moreGradProbs, from, gradScores, stride);
            int row = heads.row(head, first, spec.queries());
            heads.multiply(gradScores, 0, stride, rows, keyRows.of(head), gradQ, row);
          };
      if (gradK == null) {
        heads.eachStrip(spec.queries(), keys, strip);
      } else {
        transposedTimes(
            spec,
            heads,
            (head, first, rows) -> {
              strip.run(head, first, rows);
              Scratch scratch = Scratch.get();
              float[] gradScores = scratch.floats(1, rows * stride);
              return new Turned(gradScores, 0, scratch.evenRows(0, rows, stride), rows);
            },
            q,
            gradK);
      }
    }
  }

  /** The gradient of some rows of the scores, from those of the probabilities. */
  private static void gradScores(
      AttentionSpec spec,
      int rows,
      float[] probs,
      float[] gradProbs,
      float[] moreGradProbs,
      int from,
      float[] gradScores,
      int stride) {
    int keys = spec.keys();
    for (int i = 0; i < rows; i++) {
      int at = from + i * keys;
      int to = i * stride;
      if (moreGradProbs == null) {
        SoftmaxKernels.backward(keys, spec.scale(), probs, at, gradProbs, at, gradScores, to);
      } else {
        RowLoops.add(keys, gradProbs, at, moreGradProbs, at, gradScores, to);
        SoftmaxKernels.backward(keys, spec.scale(), probs, at, gradScores, to, gradScores, to);
      }
    }
  }

  void apply(AttentionSpec spec, float[] probs, float[] v, float[] out) {
    Heads heads = new Heads(spec, workers, packing);
    int keys = spec.keys();
    try (AllPanels values = heads.panels(v, keys)) {
      heads.eachStrip(
          spec.queries(),
          keys,
          (head, first, rows) -> {
            int from = (head * spec.queries() + first) * keys;
            int row = heads.row(head, first, spec.queries());
            heads.multiply(probs, from, keys, rows, values.of(head), out, row);
          });
    }
  }

  /** {@code gradV} is null where not wanted. */
  void applyBackward(
      AttentionSpec spec,
      float[] probs,
      float[] v,
      float[] gradOut,
      float[] gradProbs,
      float[] gradV) {
    Heads heads = new Heads(spec, workers, packing);
    int keys = spec.keys();
    try (AllPanels valueColumns = heads.transposedPanels(v, keys)) {
      heads.eachStrip(
          spec.queries(),
          keys,
          (head, first, rows) -> {
            int row = heads.row(head, first, spec.queries());
            int from = (head * spec.queries() + first) * keys;
            Left left = heads.rows(gradOut, row, rows);
            Product.multiply(
                rows, left, valueColumns.of(head), Result.plain(gradProbs, from, keys));
          });
    }
    if (gradV != null) {
      transposedTimes(
          spec,
          heads,
          (head, first, rows) -> {
            int from = (head * spec.queries() + first) * keys;
            Scratch scratch = Scratch.get();
            float[] near = scratch.floats(1, rows * keys);
            System.arraycopy(probs, from, near, 0, rows * keys);
            return new Turned(near, 0, scratch.evenRows(0, rows, keys), rows);
          },
          gradOut,
          gradV);
    }
  }

  /** The scores [queries, keys] of some queries of a head. */
  @FunctionalInterface
  private interface Scores {
    /**
     * Brings them into the cache: they are read several times, and not from front to back.
     *
     * <p>May use slots 0 and 1 of {@link Scratch}.
     */
    Turned of(int head, int first, int rows);
  }

  /**
   * For each head the transpose of scores times {@code x} [queries, headDim]. A task adds up a part
   * of the queries of a head, and then the parts are added up in their order.
   */
  private void transposedTimes(
      AttentionSpec spec, Heads heads, Scores scores, float[] x, float[] out) {
    int queries = spec.queries();
    int keys = spec.keys();
    int block = BLOCK_ELEMENTS / keys / MAX_ROWS * MAX_ROWS;
    block = Math.min(MOST_QUERIES, Math.max(LEAST_QUERIES, block));
    int blocks = Tasks.divideUp(queries, block);
    int parts = Math.min(blocks, Tasks.divideUp(TASKS, heads.count()));
    int size = Math.multiplyExact(spec.batch() * keys, spec.width());
    int height = block;
    try (Borrowed others = packing.array(Math.multiplyExact(parts - 1, size))) {
      workers.run(
          heads.count() * parts,
          task -> {
            int head = task / parts;
            int part = task % parts;
            float[] sums = part == 0 ? out : others.array();
            int to = heads.row(head, 0, keys) + (part == 0 ? 0 : (part - 1) * size);
            int begin = (int) ((long) blocks * part / parts);
            int end = (int) ((long) blocks * (part + 1) / parts);
            for (int i = begin; i < end; i++) {
              int first = i * height;
              int rows = Math.min(height, queries - first);
              Turned left = scores.of(head, first, rows);
              Panels right = heads.panels(x, head, first, rows, queries);
              Product.multiply(
                  keys, left, right, 0, new Result(sums, to, spec.width(), 1f, null, i > begin));
            }
          });
      for (int part = 1; part < parts; part++) {
        int from = (part - 1) * size;
        workers.range(
            size,
            SUM_ELEMENTS,
            (first, end) ->
                RowLoops.add(end - first, out, first, others.array(), from + first, out, first));
      }
    }
  }
}
