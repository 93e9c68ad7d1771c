package io.github.pix2pixzero.tensor.backend.vector;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.cpu.Workers;
import io.github.pix2pixzero.tensor.backend.vector.Heads.AllPanels;
import io.github.pix2pixzero.tensor.backend.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.backend.vector.Product.Left;
import io.github.pix2pixzero.tensor.backend.vector.Product.Result;

/** Attention whose probabilities are kept, and the forward pass of attention where they are not. */
final class AttentionKernels {
  private final Workers workers;
  private final Packing packing;

  AttentionKernels(Workers workers, Packing packing) {
    this.workers = workers;
    this.packing = packing;
  }

  /** Only strips of the scores exist at a time: some queries and all keys. */
  void attention(
      AttentionSpec spec, float[] q, float[] k, float[] v, float[] out, float[] logSumExp) {
    Heads heads = new Heads(spec, workers, packing);
    int keys = spec.keys();
    int stride = RowLoops.padded(keys);
    try (AllPanels keyColumns = heads.transposedPanels(k, keys);
        AllPanels values = heads.panels(v, keys)) {
      heads.eachStrip(
          spec.queries(),
          keys,
          (head, first, rows) -> {
            int row = heads.row(head, first, spec.queries());
            float[] probs = Scratch.get().floats(0, rows * stride);
            scores(spec, heads.rows(q, row, rows), rows, keyColumns.padded(head), probs);
            for (int i = 0; i < rows; i++) {
              int seen = seen(spec, first + i);
              float max = SoftmaxKernels.max(seen, stride, probs, i * stride);
              float sum = SoftmaxKernels.normalise(seen, stride, max, probs, i * stride);
              logSumExp[head * spec.queries() + first + i] = (float) (max + Math.log(sum));
            }
            heads.multiply(probs, 0, stride, rows, values.of(head), out, row);
          });
    }
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
              float max = SoftmaxKernels.max(seen, stride, strip, i * stride);
              SoftmaxKernels.normalise(seen, stride, max, strip, i * stride);
              int to = (head * spec.queries() + first + i) * keys;
              System.arraycopy(strip, i * stride, probs, to, keys);
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

  /** {@code gradK} is null where not wanted. */
  void probsBackward(
      AttentionSpec spec,
      float[] q,
      float[] k,
      float[] probs,
      float[] gradProbs,
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
            for (int at = from; at < from + rows * keys; at += keys) {
              SoftmaxKernels.backward(keys, spec.scale(), probs, at, gradProbs, at, scores, at);
            }
            int row = heads.row(head, first, spec.queries());
            heads.multiply(scores, from, keys, rows, keyRows.of(head), gradQ, row);
          });
      if (gradK != null) {
        transposedTimes(spec, heads, scores, q, gradK);
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
      transposedTimes(spec, heads, probs, gradOut, gradV);
    }
  }

  /** For each head the transpose of {@code scores} [queries, keys] times [queries, headDim]. */
  private static void transposedTimes(
      AttentionSpec spec, Heads heads, float[] scores, float[] x, float[] out) {
    int queries = spec.queries();
    int keys = spec.keys();
    try (AllPanels right = heads.panels(x, queries)) {
      heads.eachStrip(
          keys,
          queries,
          (head, first, rows) -> {
            Scratch scratch = Scratch.get();
            float[] turned = scratch.floats(0, rows * queries);
            int[] starts = scratch.evenRows(1, queries, keys);
            Product.turn(rows, queries, scores, head * queries * keys + first, starts, turned);
            heads.multiply(
                turned, 0, queries, rows, right.of(head), out, heads.row(head, first, keys));
          });
    }
  }
}
