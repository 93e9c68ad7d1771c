package io.github.pix2pixzero.tensor.backend.vector;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.cpu.Workers;
import io.github.pix2pixzero.tensor.backend.vector.Product.Left;
import io.github.pix2pixzero.tensor.backend.vector.Product.Result;
import java.util.Arrays;

/** Attention whose probabilities are kept, and its forward pass without. */
final class AttentionKernels {
  private final Workers workers;
  private final Packing packing;

  AttentionKernels(Workers workers, Packing packing) {
    this.workers = workers;
    this.packing = packing;
  }

  /** A strip of scores exists at a time: all keys of some queries. */
  void attention(
      AttentionSpec spec, float[] q, float[] k, float[] v, float[] out, float[] logSumExp) {
    Heads heads = new Heads(spec, workers, packing);
    int keys = spec.keys();
    heads.withTransposedPanels(
        k,
        keys,
        keyPanels ->
            heads.withPanels(
                v,
                keys,
                valuePanels ->
                    heads.eachStrip(
                        spec.queries(),
                        keys,
                        (head, first, rows) -> {
                          float[] scores = Scratch.get().floats(0, rows * keys);
                          int row = heads.start(head, spec.queries()) + first * spec.width();
                          Product.multiply(
                              rows,
                              rows(spec, rows, q, row),
                              keyPanels.of(head),
                              new Result(scores, 0, keys, spec.scale(), null, false));
                          int sums = head * spec.queries() + first;
                          for (int i = 0; i < rows; i++) {
                            int at = i * keys;
                            int seen = spec.causal() ? Math.min(keys, first + i + 1) : keys;
                            logSumExp[sums + i] =
                                SoftmaxKernels.normalise(seen, scores, at, scores, at);
                            Arrays.fill(scores, at + seen, at + keys, 0f);
                          }
                          Product.multiply(
                              rows,
                              Left.matrix(scores, 0, evenRows(rows, keys), keys),
                              valuePanels.of(head),
                              Result.plain(out, row, spec.width()));
                        })));
  }

  void probs(AttentionSpec spec, float[] q, float[] k, float[] probs) {
    Heads heads = new Heads(spec, workers, packing);
    int keys = spec.keys();
    heads.withTransposedPanels(
        k,
        keys,
        panels ->
            heads.eachStrip(
                spec.queries(),
                keys,
                (head, first, rows) -> {
                  int row = heads.start(head, spec.queries()) + first * spec.width();
                  int at = (head * spec.queries() + first) * keys;
                  Product.multiply(
                      rows,
                      rows(spec, rows, q, row),
                      panels.of(head),
                      new Result(probs, at, keys, spec.scale(), null, false));
                  for (int i = 0; i < rows; i++) {
                    SoftmaxKernels.normalise(keys, probs, at + i * keys, probs, at + i * keys);
                  }
                }));
  }

  void probsBackward(
      AttentionSpec spec,
      float[] q,
      float[] k,
      float[] probs,
      float[] gradProbs,
      float[] gradQ,
      float[] gradK) {
    int scores = spec.batch() * spec.heads() * spec.queries() * spec.keys();
    if (gradK == null) {
      gradQ(spec, k, probs, gradProbs, null, gradQ);
      return;
    }
    packing.with(
        scores,
        gradScores -> gradQ(spec, k, probs, gradProbs, gradScores, gradQ),
        gradScores -> transposedTimes(spec, gradScores, q, gradK));
  }

  /** The scores' gradient times the keys; the former is kept in {@code gradScores} unless that is null. */
  private void gradQ(
      AttentionSpec spec,
      float[] k,
      float[] probs,
      float[] gradProbs,
      float[] gradScores,
      float[] gradQ) {
    Heads heads = new Heads(spec, workers, packing);
    int keys = spec.keys();
    heads.withPanels(
        k,
        keys,
        panels ->
            heads.eachStrip(
                spec.queries(),
                keys,
                (head, first, rows) -> {
                  int row = heads.start(head, spec.queries()) + first * spec.width();
                  int at = (head * spec.queries() + first) * keys;
                  float[] strip =
                      gradScores == null ? Scratch.get().floats(0, rows * keys) : gradScores;
                  int start = gradScores == null ? 0 : at;
                  for (int i = 0; i < rows; i++) {
                    int p = at + i * keys;
                    SoftmaxKernels.backward(
                        keys, spec.scale(), probs, p, gradProbs, p, strip, start + i * keys);
                  }
                  Product.multiply(
                      rows,
                      Left.matrix(strip, start, evenRows(rows, keys), keys),
                      panels.of(head),
                      Result.plain(gradQ, row, spec.width()));
                }));
  }

  void apply(AttentionSpec spec, float[] probs, float[] v, float[] out) {
    Heads heads = new Heads(spec, workers, packing);
    int keys = spec.keys();
    heads.withPanels(
        v,
        keys,
        panels ->
            heads.eachStrip(
                spec.queries(),
                keys,
                (head, first, rows) ->
                    Product.multiply(
                        rows,
                        Left.matrix(
                            probs,
                            (head * spec.queries() + first) * keys,
                            evenRows(rows, keys),
                            keys),
                        panels.of(head),
                        Result.plain(
                            out,
                            heads.start(head, spec.queries()) + first * spec.width(),
                            spec.width()))));
  }

  void applyBackward(
      AttentionSpec spec,
      float[] probs,
      float[] v,
      float[] gradOut,
      float[] gradProbs,
      float[] gradV) {
    Heads heads = new Heads(spec, workers, packing);
    int keys = spec.keys();
    heads.withTransposedPanels(
        v,
        keys,
        panels ->
            heads.eachStrip(
                spec.queries(),
                keys,
                (head, first, rows) ->
                    Product.multiply(
                        rows,
                        rows(
                            spec,
                            rows,
                            gradOut,
                            heads.start(head, spec.queries()) + first * spec.width()),
                        panels.of(head),
                        Result.plain(
                            gradProbs, (head * spec.queries() + first) * keys, keys))));
    if (gradV != null) {
      transposedTimes(spec, probs, gradOut, gradV);
    }
  }

  /** For each head the transpose of [queries, keys] times [queries, headDim]. */
  private void transposedTimes(AttentionSpec spec, float[] scores, float[] x, float[] out) {
    Heads heads = new Heads(spec, workers, packing);
    int queries = spec.queries();
    int keys = spec.keys();
    heads.withPanels(
        x,
        queries,
        panels ->
            heads.eachStrip(
                keys,
                queries,
                (head, first, rows) -> {
                  Scratch scratch = Scratch.get();
                  float[] turned = scratch.floats(0, rows * queries);
                  int[] starts = scratch.evenRows(1, queries, keys);
                  int source = head * queries * keys + first;
                  Product.turn(rows, queries, scores, source, starts, turned);
                  Product.multiply(
                      rows,
                      Left.matrix(turned, 0, evenRows(rows, queries), queries),
                      panels.of(head),
                      Result.plain(
                          out, heads.start(head, keys) + first * spec.width(), spec.width()));
                }));
  }

  /** Rows of a head's [tokens, headDim]. */
  static Left rows(AttentionSpec spec, int rows, float[] x, int start) {
    return Left.matrix(x, start, evenRows(rows, spec.width()), spec.headDim());
  }

  static int[] evenRows(int count, int stride) {
    return Scratch.get().evenRows(0, count, stride);
  }
}
