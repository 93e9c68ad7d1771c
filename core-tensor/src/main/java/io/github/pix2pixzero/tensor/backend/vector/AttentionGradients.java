package io.github.pix2pixzero.tensor.backend.vector;

import static io.github.pix2pixzero.tensor.backend.vector.AttentionKernels.evenRows;
import static io.github.pix2pixzero.tensor.backend.vector.AttentionKernels.rows;
import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.cpu.Workers;
import io.github.pix2pixzero.tensor.backend.vector.Product.Left;
import io.github.pix2pixzero.tensor.backend.vector.Product.Result;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The backward pass of attention whose probabilities were not kept (Dao et al., 2022). With P the probabilities, computed again
 * from the logarithms of their sums, and D the row sums of gradOut · out: {@code dP = gradOut · vᵀ}, {@code dS = P · (dP - D)
 * · scale}, {@code gradQ = dS · k}, {@code gradK = dSᵀ · q}, {@code gradV = Pᵀ · gradOut}.
 *
 * <p>There is a pass over strips of queries and another over strips of keys, in which everything is transposed, so that no
 * two tasks add to the same place.
 */
final class AttentionGradients {
  private final AttentionSpec spec;
  private final Heads heads;
  private final Packing packing;
  private final float[] q;
  private final float[] k;
  private final float[] v;
  private final float[] logSumExp;
  private final float[] gradOut;

  AttentionGradients(
      AttentionSpec spec,
      Workers workers,
      Packing packing,
      float[] q,
      float[] k,
      float[] v,
      float[] logSumExp,
      float[] gradOut) {
    this.spec = spec;
    this.heads = new Heads(spec, workers, packing);
    this.packing = packing;
    this.q = q;
    this.k = k;
    this.v = v;
    this.logSumExp = logSumExp;
    this.gradOut = gradOut;
  }

  /** {@code gradK} and {@code gradV} are both null where not wanted. */
  void compute(float[] out, float[] gradQ, float[] gradK, float[] gradV) {
    packing.with(
        heads.count() * spec.queries(),
        means -> means(out, means),
        means -> {
          queries(means, gradQ);
          if (gradK != null) {
            keys(means, gradK, gradV);
          }
        });
  }

  /** D for each query of each head. */
  private void means(float[] out, float[] means) {
    heads.eachStrip(
        spec.queries(),
        1,
        (head, first, rows) -> {
          for (int i = first; i < first + rows; i++) {
            int at = heads.start(head, spec.queries()) + i * spec.width();
            means[head * spec.queries() + i] =
                SoftmaxKernels.dot(spec.headDim(), out, at, gradOut, at);
          }
        });
  }

  private void queries(float[] means, float[] gradQ) {
    int keys = spec.keys();
    heads.withTransposedPanels(
        k,
        keys,
        keyColumns ->
            heads.withTransposedPanels(
                v,
                keys,
                valueColumns ->
                    heads.withPanels(
                        k,
                        keys,
                        keyRows ->
                            heads.eachStrip(
                                spec.queries(),
                                keys,
                                (head, first, rows) ->
                                    queryStrip(
                                        head,
                                        first,
                                        rows,
                                        keyColumns.of(head),
                                        valueColumns.of(head),
                                        keyRows.of(head),
                                        means,
                                        gradQ)))));
  }

  private void queryStrip(
      int head,
      int first,
      int rows,
      Panels keyColumns,
      Panels valueColumns,
      Panels keyRows,
      float[] means,
      float[] gradQ) {
    int keys = spec.keys();
    float[] probs = Scratch.get().floats(0, rows * keys);
    float[] grads = Scratch.get().floats(1, rows * keys);
    int row = heads.start(head, spec.queries()) + first * spec.width();
    Product.multiply(
        rows,
        rows(spec, rows, q, row),
        keyColumns,
        new Result(probs, 0, keys, spec.scale(), null, false));
    Product.multiply(
        rows, rows(spec, rows, gradOut, row), valueColumns, Result.plain(grads, 0, keys));
    for (int i = 0; i < rows; i++) {
      int query = head * spec.queries() + first + i;
      int at = i * keys;
      int seen = spec.causal() ? Math.min(keys, first + i + 1) : keys;
      SoftmaxKernels.exponentials(seen, probs, at, logSumExp[query], probs, at);
      SoftmaxKernels.scaleByDifference(
          seen, spec.scale(), probs, at, grads, at, means[query], grads, at);
      Arrays.fill(grads, at + seen, at + keys, 0f);
    }
    Product.multiply(
        rows,
        Left.matrix(grads, 0, evenRows(rows, keys), keys),
        keyRows,
        Result.plain(gradQ, row, spec.width()));
  }

  private void keys(float[] means, float[] gradK, float[] gradV) {
    int queries = spec.queries();
    heads.withTransposedPanels(
        q,
        queries,
        queryColumns ->
            heads.withTransposedPanels(
                gradOut,
                queries,
                gradColumns ->
                    heads.withPanels(
                        q,
                        queries,
                        queryRows ->
                            heads.withPanels(
                                gradOut,
                                queries,
                                gradRows ->
                                    heads.eachStrip(
                                        spec.keys(),
                                        queries,
                                        (head, first, rows) -> {
                                          float[] probs = Scratch.get().floats(0, rows * queries);
                                          float[] grads = Scratch.get().floats(1, rows * queries);
                                          int row =
                                              heads.start(head, spec.keys()) + first * spec.width();
                                          recompute(
                                              head,
                                              first,
                                              rows,
                                              queryColumns.of(head),
                                              gradColumns.of(head),
                                              means,
                                              probs,
                                              grads);
                                          timesRows(rows, probs, gradRows.of(head), gradV, row);
                                          timesRows(rows, grads, queryRows.of(head), gradK, row);
                                        })))));
  }

  /** A strip of Pᵀ and of dSᵀ. */
  private void recompute(
      int head,
      int first,
      int rows,
      Panels queryColumns,
      Panels gradColumns,
      float[] means,
      float[] probs,
      float[] grads) {
    int queries = spec.queries();
    int row = heads.start(head, spec.keys()) + first * spec.width();
    Product.multiply(
        rows,
        rows(spec, rows, k, row),
        queryColumns,
        new Result(probs, 0, queries, spec.scale(), null, false));
    Product.multiply(
        rows, rows(spec, rows, v, row), gradColumns, Result.plain(grads, 0, queries));
    for (int i = 0; i < rows; i++) {
      int at = i * queries;
      int unseen = spec.causal() ? Math.min(queries, first + i) : 0;
      int from = at + unseen;
      int stats = head * queries + unseen;
      RowLoops.run(
          AttentionGradients::expOfDifference,
          queries - unseen,
          probs,
          from,
          logSumExp,
          stats,
          probs,
          from);
      for (int j = 0; j < queries - unseen; j++) {
        grads[from + j] = spec.scale() * probs[from + j] * (grads[from + j] - means[stats + j]);
      }
      Arrays.fill(probs, at, from, 0f);
      Arrays.fill(grads, at, from, 0f);
    }
  }

  private void timesRows(int rows, float[] strip, Panels right, float[] out, int row) {
    Left left = Left.matrix(strip, 0, evenRows(rows, spec.queries()), spec.queries());
    Product.multiply(rows, left, right, Result.plain(out, row, spec.width()));
  }

  private static void expOfDifference(
      int length, float[] x, int xStart, float[] shift, int shiftStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector d =
          FloatVector.fromArray(SPECIES, x, xStart + i)
              .sub(FloatVector.fromArray(SPECIES, shift, shiftStart + i));
      VectorMath.expSaturating(d).intoArray(out, outStart + i);
    }
  }
}
