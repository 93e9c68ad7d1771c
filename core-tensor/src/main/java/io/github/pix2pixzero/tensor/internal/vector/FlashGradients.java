package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.FlashAttention.KEYS;
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

/**
 * The backward pass of {@link FlashAttention} (Dao et al., 2022). With P the probabilities,
 * computed again from the logarithms of their sums, and D the row sums of gradOut · out: {@code dP
 * = gradOut · vᵀ}, {@code dS = P · (dP - D) · scale}, {@code gradQ = dS · k}, {@code gradK = dSᵀ ·
 * q}, {@code gradV = Pᵀ · gradOut}.
 *
 * <p>P and dS exist for a block of keys and a panel of queries at a time, as [keys, queries]. A
 * task goes through all queries for one part of a head's keys; the parts' shares of gradQ are kept
 * apart and added up at the end, so that the order of summation depends on the sizes alone.
 */
final class FlashGradients {
  /** Tasks wanted where there are few heads. */
  private static final int TASKS = 16;

  private static final int LEAST_KEYS = 2 * KEYS;

  private final AttentionSpec spec;
  private final Heads heads;
  private final Workers workers;
  private final Packing packing;
  private final float[] q;
  private final float[] k;
  private final float[] v;
  private final float[] logSumExp;
  private final float[] gradOut;

  /** Parts of a head's keys, and the keys of a part. */
  private final int parts;

  private final int partKeys;

  FlashGradients(
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
    this.workers = workers;
    this.packing = packing;
    this.q = q;
    this.k = k;
    this.v = v;
    this.logSumExp = logSumExp;
    this.gradOut = gradOut;
    int wanted = Tasks.divideUp(TASKS, heads.count());
    int size = Math.max(LEAST_KEYS, Tasks.divideUp(spec.keys(), wanted));
    this.partKeys = Math.min(spec.keys(), Tasks.divideUp(size, KEYS) * KEYS);
    this.parts = Tasks.divideUp(spec.keys(), partKeys);
  }

  /** {@code gradK} and {@code gradV} are both null where not wanted. */
  void compute(float[] out, float[] gradQ, float[] gradK, float[] gradV) {
    int size = spec.batch() * spec.queries() * spec.width();
    try (Borrowed means = packing.array(heads.count() * spec.queries());
        Borrowed turnedKeys = heads.turned(k, spec.keys());
        Borrowed shares = packing.array(Math.multiplyExact(parts - 1, size))) {
      means(out, means.array());
      workers.range(
          heads.count() * parts,
          Tasks.grain((long) spec.queries() * partKeys * spec.headDim()),
          (from, to) -> {
            for (int i = from; i < to; i++) {
              int part = i % parts;
              float[] target = part == 0 ? gradQ : shares.array();
              int start = part == 0 ? 0 : (part - 1) * size;
              new Part(i / parts, part * partKeys, means.array(), turnedKeys.array(), target, start)
                  .compute(gradK, gradV);
            }
          });
      addShares(size, shares.array(), gradQ);
    }
  }

  /** D for every query. */
  private void means(float[] out, float[] means) {
    int queries = spec.queries();
    heads.eachStrip(
        queries,
        1,
        (head, first, rows) -> {
          for (int i = first; i < first + rows; i++) {
            int at = heads.row(head, i, queries);
            means[head * queries + i] = SoftmaxKernels.dot(spec.headDim(), out, at, gradOut, at);
          }
        });
  }

  private void addShares(int size, float[] shares, float[] gradQ) {
    workers.range(
        parts == 1 ? 0 : size,
        1 << 14,
        (from, to) -> {
          for (int part = 1; part < parts; part++) {
            int start = (part - 1) * size;
            for (int i = from; i < to; i++) {
              gradQ[i] += shares[start + i];
            }
          }
        });
  }

  /** Some keys of a head, and all its queries. */
  private final class Part {
    private final int head;
    private final int first;
    private final int count;
    private final float[] means;
    private final float[] turnedKeys;
    private final float[] target;
    private final int start;

    /** Columns of a row of the sums for keys and values: headDim, filled up to whole vectors. */
    private final int depth = RowLoops.padded(spec.headDim());

    Part(int head, int first, float[] means, float[] turnedKeys, float[] target, int start) {
      this.head = head;
      this.first = first;
      this.count = Math.min(partKeys, spec.keys() - first);
      this.means = means;
      this.turnedKeys = turnedKeys;
      this.target = target;
      this.start = start;
    }

    void compute(float[] gradK, float[] gradV) {
      boolean wanted = gradK != null;
      int size = wanted ? count * depth : 0;
      float[] keySums = Scratch.get().floats(1, size);
      float[] valueSums = Scratch.get().floats(2, size);
      Arrays.fill(keySums, 0, size, 0f);
      Arrays.fill(valueSums, 0, size, 0f);
      for (int query = 0; query < spec.queries(); query += WIDTH) {
        new Strip(query).compute(wanted, keySums, valueSums);
      }
      for (int i = 0; wanted && i < count; i++) {
        int row = heads.row(head, first + i, spec.keys());
        System.arraycopy(keySums, i * depth, gradK, row, spec.headDim());
        System.arraycopy(valueSums, i * depth, gradV, row, spec.headDim());
      }
    }

    /** A panel of queries. */
    private final class Strip {
      private final int query;
      private final int queries;
      private final int width;
      private final int row;

      /** Offsets in {@link #work}: panels [headDim, width] and [width, depth], then blocks. */
      private final int gradColumns;

      private final int queryRows;
      private final int gradRows;
      private final int probs;
      private final int grads;
      private final int sums;
      private final int stats;
      private final float[] work;

      Strip(int query) {
        this.query = query;
        this.queries = Math.min(WIDTH, spec.queries() - query);
        this.width = queries <= LANES ? LANES : WIDTH;
        this.row = heads.row(head, query, spec.queries());
        int block = Math.min(KEYS, count) * width;
        this.gradColumns = spec.headDim() * width;
        this.queryRows = gradColumns + spec.headDim() * width;
        this.gradRows = queryRows + width * depth;
        this.probs = gradRows + width * depth;
        this.grads = probs + block;
        this.sums = grads + block;
        this.stats = sums + spec.headDim() * width;
        this.work = Scratch.get().floats(0, stats + 2 * width);
      }

      void compute(boolean keysWanted, float[] keySums, float[] valueSums) {
        new Panels(work, 0, spec.headDim(), queries).pack(0, q, row, 1, spec.width());
        new Panels(work, gradColumns, spec.headDim(), queries)
            .pack(0, gradOut, row, 1, spec.width());
        if (keysWanted) {
          pack(q, queryRows);
          pack(gradOut, gradRows);
        }
        Arrays.fill(work, stats, stats + 2 * width, 0f);
        for (int i = 0; i < queries; i++) {
          int at = head * spec.queries() + query + i;
          work[stats + i] = FlashAttention.inScoreUnits(logSumExp[at]);
          work[stats + width + i] = means[at];
        }
        int seen = spec.causal() ? Math.min(count, query + queries - first) : count;
        for (int key = 0; key < seen; key += KEYS) {
          block(key, Math.min(KEYS, seen - key), keysWanted, keySums, valueSums);
        }
        if (seen <= 0) {
          Arrays.fill(work, sums, stats, 0f);
        }
        heads.placeTurned(queries, width, work, sums, target, start + row);
      }

      /** Packs rows of queries as a right factor, with zeros for queries there are none of. */
      private void pack(float[] x, int at) {
        Arrays.fill(work, at, at + width * depth, 0f);
        Panels panels = new Panels(work, at, width, spec.headDim());
        for (int panel = 0; panel < panels.count(); panel++) {
          panels.pack(panel, 0, queries, x, row, spec.width(), 1);
        }
      }

      private void block(
          int key, int keys, boolean keysWanted, float[] keySums, float[] valueSums) {
        float scale = FlashAttention.scale(spec);
        int from = heads.row(head, first + key, spec.keys());
        Panels queryColumns = new Panels(work, 0, spec.headDim(), width);
        Result scores = new Result(work, probs, width, scale, null, false);
        Product.multiply(keys, heads.rows(k, from, keys), queryColumns, scores);
        Panels columns = new Panels(work, gradColumns, spec.headDim(), width);
        Product.multiply(
            keys, heads.rows(v, from, keys), columns, Result.plain(work, grads, width));
        if (spec.causal()) {
          FlashAttention.mask(
              first + key, keys, query, width, work, probs, Float.NEGATIVE_INFINITY);
        }
        for (int lane = 0; lane < width; lane += LANES) {
          differentiate(keys, width, spec.scale(), work, probs + lane, grads + lane, stats + lane);
        }
        Product.multiply(
            spec.headDim(),
            heads.turnedRows(turnedKeys, head, first + key, keys, spec.keys()),
            new Panels(work, grads, keys, width),
            new Result(work, sums, width, 1f, null, key > 0));
        if (keysWanted) {
          int[] rows = Scratch.get().evenRows(0, keys, width);
          addRows(key, keys, rows, probs, gradRows, valueSums);
          addRows(key, keys, rows, grads, queryRows, keySums);
        }
      }

      /** Adds the product of a block and rows of queries to sums for keys. */
      private void addRows(int key, int keys, int[] rows, int block, int right, float[] keySums) {
        Product.multiply(
            keys,
            Left.matrix(work, block, rows, width),
            new Panels(work, right, width, depth),
            new Result(keySums, key * depth, depth, 1f, null, true));
      }
    }
  }

  /** Turns scores into P and dP into dS, for as many queries as a vector has lanes. */
  private static void differentiate(
      int rows, int stride, float scale, float[] x, int probs, int grads, int stats) {
    FloatVector shift = FloatVector.fromArray(SPECIES, x, stats);
    FloatVector mean = FloatVector.fromArray(SPECIES, x, stats + stride);
    FloatVector factor = FloatVector.broadcast(SPECIES, scale);
    int p = probs;
    int g = grads;
    for (int i = 0; i < rows; i++) {
      FloatVector e = VectorMath.exp2OfNegative(FloatVector.fromArray(SPECIES, x, p).sub(shift));
      e.intoArray(x, p);
      FloatVector.fromArray(SPECIES, x, g).sub(mean).mul(e).mul(factor).intoArray(x, g);
      p += stride;
      g += stride;
    }
  }
}
