package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.WIDTH;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.internal.vector.Product.Left;
import io.github.pix2pixzero.tensor.internal.vector.Product.Result;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Attention whose scores never leave the first-level cache (Dao et al., 2022), computed on its
 * side: a column of vectors is one query, so that maxima, sums and exponentials need nothing across
 * lanes, and a block of exponentials [keys, queries] is what the product with the values reads.
 *
 * <p>Scores are in units of ln 2, for which {@code exp} is cheaper.
 */
final class FlashAttention {
  /** Keys looked at in a row; their scores with one panel of queries fill the first-level cache. */
  static final int KEYS = 192;

  private static final FloatVector ONE = FloatVector.broadcast(SPECIES, 1f);
  private static final float LOG2_E = 1.44269504f;
  private static final double LN_2 = Math.log(2);

  private final AttentionSpec spec;
  private final Heads heads;
  private final float scale;
  private final Workers workers;

  FlashAttention(AttentionSpec spec, Workers workers, Packing packing) {
    this.spec = spec;
    this.heads = new Heads(spec, workers, packing);
    this.scale = scale(spec);
    this.workers = workers;
  }

  /** What turns products of queries and keys into scores. */
  static float scale(AttentionSpec spec) {
    return spec.scale() * LOG2_E;
  }

  /** The logarithm to base 2 of a number given by its natural logarithm. */
  static float inScoreUnits(float logarithm) {
    return logarithm * LOG2_E;
  }

  /** See {@link io.github.pix2pixzero.tensor.backend.Backend#attention}. */
  void compute(float[] q, float[] k, float[] v, float[] out, float[] logSumExp) {
    int strips = Tasks.divideUp(spec.queries(), WIDTH);
    try (Borrowed values = heads.turned(v, spec.keys())) {
      workers.range(
          heads.count() * strips,
          Tasks.grain((long) WIDTH * spec.keys() * spec.headDim()),
          (from, to) -> {
            for (int i = from; i < to; i++) {
              new Strip(i / strips, i % strips * WIDTH)
                  .compute(q, k, values.array(), out, logSumExp);
            }
          });
    }
  }

  /** Some queries of a head: as many as a panel is wide. */
  private final class Strip {
    private final int head;
    private final int first;
    private final int count;
    private final int width;

    /** [headDim, width], then the block of scores, the result on its side and the statistics. */
    private final float[] work;

    private final int scores;
    private final int sums;
    private final int maxima;
    private final int totals;

    Strip(int head, int first) {
      this.head = head;
      this.first = first;
      this.count = Math.min(WIDTH, spec.queries() - first);
      this.width = count <= LANES ? LANES : WIDTH;
      this.scores = spec.headDim() * width;
      this.sums = scores + Math.min(KEYS, spec.keys()) * width;
      this.maxima = sums + spec.headDim() * width;
      this.totals = maxima + width;
      this.work = Scratch.get().floats(0, totals + width);
    }

    void compute(float[] q, float[] k, float[] values, float[] out, float[] logSumExp) {
      int row = heads.row(head, first, spec.queries());
      Panels queries = new Panels(work, 0, spec.headDim(), count);
      queries.pack(0, q, row, 1, spec.width());
      Arrays.fill(work, maxima, totals, Float.NEGATIVE_INFINITY);
      Arrays.fill(work, totals, totals + width, 0f);
      Panels padded = new Panels(work, 0, spec.headDim(), width);
      int end = spec.causal() ? Math.min(spec.keys(), first + count) : spec.keys();
      for (int key = 0; key < end; key += KEYS) {
        block(key, Math.min(KEYS, end - key), k, padded, values);
      }
      for (int lane = 0; lane < width; lane += LANES) {
        FloatVector total = FloatVector.fromArray(SPECIES, work, totals + lane);
        scale(spec.headDim(), width, work, sums + lane, ONE.div(total));
      }
      heads.placeTurned(count, width, work, sums, out, row);
      for (int i = 0; i < count; i++) {
        logSumExp[head * spec.queries() + first + i] =
            (float) (work[maxima + i] * LN_2 + Math.log(work[totals + i]));
      }
    }

    private void block(int key, int keys, float[] k, Panels queries, float[] values) {
      Left rows = heads.rows(k, heads.row(head, key, spec.keys()), keys);
      Product.multiply(keys, rows, queries, new Result(work, scores, width, scale, null, false));
      if (spec.causal()) {
        mask(key, keys, first, width, work, scores, Float.NEGATIVE_INFINITY);
      }
      for (int lane = 0; lane < width; lane += LANES) {
        softmaxColumns(keys, width, work, scores + lane, maxima + lane, totals + lane, sums + lane);
      }
      Product.multiply(
          spec.headDim(),
          heads.turnedRows(values, head, key, keys, spec.keys()),
          new Panels(work, scores, keys, width),
          new Result(work, sums, width, 1f, null, key > 0));
    }

    /**
     * Replaces a block of scores by exponentials. What has been summed so far is made smaller where
     * the block raises a maximum.
     */
    private void softmaxColumns(
        int rows, int stride, float[] x, int start, int max, int total, int sum) {
      FloatVector before = FloatVector.fromArray(SPECIES, x, max);
      FloatVector most = before.max(greatest(rows, stride, x, start));
      most.intoArray(x, max);
      FloatVector shrink = VectorMath.exp2OfNegative(before.sub(most));
      shrink
          .fma(FloatVector.fromArray(SPECIES, x, total), exponentials(rows, stride, x, start, most))
          .intoArray(x, total);
      if (before.compare(VectorOperators.LT, most).anyTrue()) {
        scale(spec.headDim(), stride, x, sum, shrink);
      }
    }
  }

  /** The greatest of each column; not begun with a parameter, which C2 would keep in an object. */
  private static FloatVector greatest(int rows, int stride, float[] x, int start) {
    int last = start + (rows - 1) * stride;
    FloatVector a = FloatVector.fromArray(SPECIES, x, start);
    FloatVector b = FloatVector.fromArray(SPECIES, x, last);
    int at = start + stride;
    for (int i = 2; i < rows; i += 2) {
      a = a.max(FloatVector.fromArray(SPECIES, x, at));
      b = b.max(FloatVector.fromArray(SPECIES, x, Math.min(at + stride, last)));
      at += 2 * stride;
    }
    return a.max(b);
  }

  private static FloatVector exponentials(
      int rows, int stride, float[] x, int start, FloatVector shift) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int at = start;
    for (int i = 0; i < rows; i++) {
      FloatVector e = VectorMath.exp2OfNegative(FloatVector.fromArray(SPECIES, x, at).sub(shift));
      e.intoArray(x, at);
      sum = sum.add(e);
      at += stride;
    }
    return sum;
  }

  private static void scale(int rows, int stride, float[] x, int start, FloatVector factor) {
    int at = start;
    for (int i = 0; i < rows; i++) {
      FloatVector.fromArray(SPECIES, x, at).mul(factor).intoArray(x, at);
      at += stride;
    }
  }

  /** Sets what queries do not see: keys after them. Scores are [keys, width] from {@code at} on. */
  static void mask(
      int firstKey, int keys, int firstQuery, int width, float[] scores, int at, float value) {
    for (int key = Math.max(firstKey, firstQuery + 1); key < firstKey + keys; key++) {
      int row = at + (key - firstKey) * width;
      Arrays.fill(scores, row, row + Math.min(width, key - firstQuery), value);
    }
  }
}
