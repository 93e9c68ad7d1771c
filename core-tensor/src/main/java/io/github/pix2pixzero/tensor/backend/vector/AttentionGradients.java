package io.github.pix2pixzero.tensor.backend.vector;

import static io.github.pix2pixzero.tensor.backend.vector.AttentionKernels.scores;
import static io.github.pix2pixzero.tensor.backend.vector.AttentionKernels.seen;
import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.cpu.Workers;
import io.github.pix2pixzero.tensor.backend.vector.Heads.AllPanels;
import io.github.pix2pixzero.tensor.backend.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.backend.vector.Product.Result;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The backward pass of attention whose probabilities were not kept (Dao et al., 2022). With P the
 * probabilities, computed again from the logarithms of their sums, and D the row sums of gradOut ·
 * out: {@code dP = gradOut · vᵀ}, {@code dS = P · (dP - D) · scale}, {@code gradQ = dS · k}, {@code
 * gradK = dSᵀ · q}, {@code gradV = Pᵀ · gradOut}.
 *
 * <p>There is a pass over strips of queries and another over strips of keys, in which everything is
 * transposed, so that no two tasks add to the same place.
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
    try (Borrowed borrowed = packing.array(heads.count() * spec.queries())) {
      float[] means = borrowed.array();
      heads.eachStrip(
          spec.queries(), 1, (head, first, rows) -> means(head, first, rows, out, means));
      queries(means, gradQ);
      if (gradK != null) {
        keys(means, gradK, gradV);
      }
    }
  }

  /** D for some queries of a head. */
  private void means(int head, int first, int rows, float[] out, float[] means) {
    for (int i = first; i < first + rows; i++) {
      int at = heads.row(head, i, spec.queries());
      means[head * spec.queries() + i] = SoftmaxKernels.dot(spec.headDim(), out, at, gradOut, at);
    }
  }

  private void queries(float[] means, float[] gradQ) {
    int keys = spec.keys();
    int stride = RowLoops.padded(keys);
    try (AllPanels keyColumns = heads.transposedPanels(k, keys);
        AllPanels valueColumns = heads.transposedPanels(v, keys);
        AllPanels keyRows = heads.panels(k, keys)) {
      heads.eachStrip(
          spec.queries(),
          keys,
          (head, first, rows) -> {
            float[] probs = Scratch.get().floats(0, rows * stride);
            float[] grads = Scratch.get().floats(1, rows * stride);
            int row = heads.row(head, first, spec.queries());
            scores(spec, heads.rows(q, row, rows), rows, keyColumns.padded(head), probs);
            Result gradProbs = Result.plain(grads, 0, stride);
            Product.multiply(
                rows, heads.rows(gradOut, row, rows), valueColumns.padded(head), gradProbs);
            for (int i = 0; i < rows; i++) {
              int query = head * spec.queries() + first + i;
              int at = i * stride;
              SoftmaxKernels.exponentials(stride, logSumExp[query], probs, at);
              SoftmaxKernels.scaleByDifference(
                  stride, spec.scale(), probs, at, grads, at, means[query], grads, at);
              Arrays.fill(grads, at + seen(spec, first + i), at + stride, 0f);
            }
            heads.multiply(grads, 0, stride, rows, keyRows.of(head), gradQ, row);
          });
    }
  }

  private void keys(float[] means, float[] gradK, float[] gradV) {
    int queries = spec.queries();
    try (AllPanels queryColumns = heads.transposedPanels(q, queries);
        AllPanels gradColumns = heads.transposedPanels(gradOut, queries);
        AllPanels queryRows = heads.panels(q, queries);
        AllPanels gradRows = heads.panels(gradOut, queries)) {
      heads.eachStrip(
          spec.keys(),
          queries,
          (head, first, rows) -> {
            float[] probs = Scratch.get().floats(0, rows * queries);
            float[] grads = Scratch.get().floats(1, rows * queries);
            int row = heads.row(head, first, spec.keys());
            Result scores = new Result(probs, 0, queries, spec.scale(), null, false);
            Product.multiply(rows, heads.rows(k, row, rows), queryColumns.of(head), scores);
            Result gradProbs = Result.plain(grads, 0, queries);
            Product.multiply(rows, heads.rows(v, row, rows), gradColumns.of(head), gradProbs);
            for (int i = 0; i < rows; i++) {
              transposedScores(head, first + i, i * queries, means, probs, grads);
            }
            heads.multiply(probs, 0, queries, rows, gradRows.of(head), gradV, row);
            heads.multiply(grads, 0, queries, rows, queryRows.of(head), gradK, row);
          });
    }
  }

  /** Turns a row of transposed scores into one of Pᵀ, and one of dPᵀ into one of dSᵀ. */
  private void transposedScores(
      int head, int key, int at, float[] means, float[] probs, float[] grads) {
    int unseen = spec.causal() ? Math.min(spec.queries(), key) : 0;
    int seen = spec.queries() - unseen;
    int from = at + unseen;
    int stats = head * spec.queries() + unseen;
    RowLoops.run(
        AttentionGradients::expOfDifference, seen, probs, from, logSumExp, stats, probs, from);
    for (int i = 0; i < seen; i++) {
      grads[from + i] = spec.scale() * probs[from + i] * (grads[from + i] - means[stats + i]);
    }
    Arrays.fill(probs, at, from, 0f);
    Arrays.fill(grads, at, from, 0f);
  }

  private static void expOfDifference(
      int length, float[] x, int xStart, float[] shift, int shiftStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector d =
          FloatVector.fromArray(SPECIES, x, xStart + i)
              .sub(FloatVector.fromArray(SPECIES, shift, shiftStart + i));
      VectorMath.expCutOff(d).intoArray(out, outStart + i);
    }
  }
}
