package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.MAX_ROWS;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import io.github.pix2pixzero.tensor.internal.vector.Heads.AllPanels;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.internal.vector.Product.Left;
import io.github.pix2pixzero.tensor.internal.vector.Product.Result;
import io.github.pix2pixzero.tensor.internal.vector.Product.Turned;
import java.util.Arrays;

/** Attention whose probabilities are kept. */
final class AttentionKernels {
  /** Queries that are summed before the next ones are looked at. */
  private static final int QUERIES = 512;

  /** Most keys of a task that goes through all queries. */
  private static final int MOST_KEYS = 96;

  /** Such tasks wanted where there are few heads; each reads other parts of the cache's lines. */
  private static final int TASKS = 8;

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
    try (AllPanels keyRows = heads.panels(k, keys);
        Borrowed gradScores = packing.array(heads.count() * spec.queries() * keys)) {
      float[] scores = gradScores.array();
      heads.eachStrip(
          spec.queries(),
          keys,
          (head, first, rows) -> {
            int from = (head * spec.queries() + first) * keys;
            float[] grads = gradProbs;
            if (moreGradProbs != null) {
              grads = scores;
              add(from, from + rows * keys, gradProbs, moreGradProbs, grads);
            }
            for (int at = from; at < from + rows * keys; at += keys) {
              SoftmaxKernels.backward(keys, spec.scale(), probs, at, grads, at, scores, at);
            }
            int row = heads.row(head, first, spec.queries());
            heads.multiply(scores, from, keys, rows, keyRows.of(head), gradQ, row);
          });
      if (gradK != null) {
        transposedTimes(spec, heads, scores, q, gradK);
      }
    }
  }

  private static void add(int from, int to, float[] a, float[] b, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] + b[i];
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
      transposedTimes(spec, heads, probs, gradOut, gradV);
    }
  }

  /** For each head the transpose of {@code scores} [queries, keys] times [queries, headDim]. */
  private void transposedTimes(
      AttentionSpec spec, Heads heads, float[] scores, float[] x, float[] out) {
    int queries = spec.queries();
    int keys = spec.keys();
    int wanted = Tasks.divideUp(TASKS, heads.count());
    int height =
        Math.min(MOST_KEYS, Tasks.divideUp(Tasks.divideUp(keys, wanted), MAX_ROWS) * MAX_ROWS);
    int strips = Tasks.divideUp(keys, height);
    try (AllPanels right = heads.panels(x, queries)) {
      workers.run(
          heads.count() * strips,
          strip -> {
            int head = strip / strips;
            int first = strip % strips * height;
            int rows = Math.min(height, keys - first);
            int[] starts = Scratch.get().evenRows(0, Math.min(QUERIES, queries), keys);
            int to = heads.row(head, first, keys);
            for (int query = 0; query < queries; query += QUERIES) {
              int depth = Math.min(QUERIES, queries - query);
              int from = (head * queries + query) * keys + first;
              Result result = new Result(out, to, spec.width(), 1f, null, query > 0);
              Turned left = new Turned(scores, from, starts, depth);
              Product.multiply(rows, left, right.of(head), query, result);
            }
          });
    }
  }
}
