package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import java.util.Arrays;

/**
 * Attention in tiles of queries. Only a tile's scores exist at a time; the backward pass computes
 * them again from the logarithms of the softmax sums (Dao et al., 2022).
 */
final class AttentionKernels {
  private static final int TILE = 32;

  private final HostBackend backend;

  AttentionKernels(HostBackend backend) {
    this.backend = backend;
  }

  /** Some queries of one head, and where their rows begin. */
  private static final class Tile {
    final AttentionSpec spec;
    final int matrix;
    final int first;
    final int rows;

    Tile(AttentionSpec spec, int matrix, int index) {
      this.spec = spec;
      this.matrix = matrix;
      this.first = index * TILE;
      this.rows = Math.min(TILE, spec.queries() - first);
    }

    /** Of q, out and their gradients. */
    int queryStart() {
      return (matrix / spec.heads() * spec.queries() + first) * spec.width() + headStart();
    }

    /** Of k, v and their gradients. */
    int keyStart() {
      return matrix / spec.heads() * spec.keys() * spec.width() + headStart();
    }

    /** Of a turned k or v. */
    int turnedStart() {
      return matrix * spec.headDim() * spec.keys();
    }

    /** Of logSumExp; times the keys, of the probabilities. */
    int rowStart() {
      return matrix * spec.queries() + first;
    }

    private int headStart() {
      return matrix % spec.heads() * spec.headDim();
    }

    /** The keys that a row of this tile sees. */
    int visible(int row) {
      return spec.causal() ? Math.min(spec.keys(), first + row + 1) : spec.keys();
    }
  }

  void attention(
      AttentionSpec spec, float[] q, float[] k, float[] v, float[] out, float[] logSumExp) {
    HostStorage turnedKeys = turn(spec, k);
    forEachTile(
        spec,
        tile -> {
          float[] probs = Scratch.floats(0, TILE * spec.keys());
          scores(tile, q, turnedKeys.array(), probs, 0);
          for (int row = 0; row < tile.rows; row++) {
            int visible = tile.visible(row);
            int start = row * spec.keys();
            logSumExp[tile.rowStart() + row] = SoftmaxKernels.normalise(visible, probs, start);
            Arrays.fill(probs, start + visible, start + spec.keys(), 0f);
          }
          apply(tile, probs, 0, v, out);
        });
    turnedKeys.release();
  }

  void attentionBackward(
      AttentionSpec spec,
      float[] q,
      float[] k,
      float[] v,
      float[] out,
      float[] logSumExp,
      float[] gradOut,
      float[] gradQ,
      float[] gradK,
      float[] gradV) {
    HostStorage turnedKeys = turn(spec, k);
    HostStorage turnedValues = turn(spec, v);
    clear(spec, gradK);
    clear(spec, gradV);
    forEachTileInTurn(
        spec,
        gradK != null,
        tile -> {
          float[] probs = Scratch.floats(0, TILE * spec.keys());
          float[] grads = Scratch.floats(1, TILE * spec.keys());
          scores(tile, q, turnedKeys.array(), probs, 0);
          times(tile, gradOut, turnedValues.array(), 1f, grads, 0);
          for (int row = 0; row < tile.rows; row++) {
            int query = tile.queryStart() + row * spec.width();
            float mean = (float) SoftmaxKernels.dot(spec.headDim(), out, query, gradOut, query);
            float lse = logSumExp[tile.rowStart() + row];
            int start = row * spec.keys();
            int end = start + tile.visible(row);
            for (int i = start; i < end; i++) {
              probs[i] = (float) Math.exp(probs[i] - lse);
              grads[i] = spec.scale() * probs[i] * (grads[i] - mean);
            }
            Arrays.fill(probs, end, start + spec.keys(), 0f);
            Arrays.fill(grads, end, start + spec.keys(), 0f);
          }
          apply(tile, grads, 0, k, gradQ);
          if (gradK != null) {
            applyTransposed(tile, grads, 0, q, gradK);
            applyTransposed(tile, probs, 0, gradOut, gradV);
          }
        });
    turnedKeys.release();
    turnedValues.release();
  }

  void probs(AttentionSpec spec, float[] q, float[] k, float[] probs) {
    HostStorage turnedKeys = turn(spec, k);
    forEachTile(
        spec,
        tile -> {
          int start = tile.rowStart() * spec.keys();
          scores(tile, q, turnedKeys.array(), probs, start);
          for (int row = 0; row < tile.rows; row++) {
            int visible = tile.visible(row);
            int from = start + row * spec.keys();
            SoftmaxKernels.normalise(visible, probs, from);
            Arrays.fill(probs, from + visible, from + spec.keys(), 0f);
          }
        });
    turnedKeys.release();
  }

  void probsBackward(
      AttentionSpec spec,
      float[] q,
      float[] k,
      float[] probs,
      float[] gradProbs,
      float[] moreGradProbs,
      float[] gradQ,
      float[] gradK) {
    clear(spec, gradK);
    forEachTileInTurn(
        spec,
        gradK != null,
        tile -> {
          float[] grads = Scratch.floats(0, TILE * spec.keys());
          for (int row = 0; row < tile.rows; row++) {
            int at = (tile.rowStart() + row) * spec.keys();
            int to = row * spec.keys();
            for (int i = 0; i < spec.keys(); i++) {
              float more = moreGradProbs == null ? 0 : moreGradProbs[at + i];
              grads[to + i] = gradProbs[at + i] + more;
            }
            SoftmaxKernels.backward(spec.keys(), spec.scale(), probs, at, grads, to, grads, to);
          }
          apply(tile, grads, 0, k, gradQ);
          if (gradK != null) {
            applyTransposed(tile, grads, 0, q, gradK);
          }
        });
  }

  void apply(AttentionSpec spec, float[] probs, float[] v, float[] out) {
    forEachTile(spec, tile -> apply(tile, probs, tile.rowStart() * spec.keys(), v, out));
  }

  void applyBackward(
      AttentionSpec spec,
      float[] probs,
      float[] v,
      float[] gradOut,
      float[] gradProbs,
      float[] gradV) {
    HostStorage turnedValues = turn(spec, v);
    clear(spec, gradV);
    forEachTileInTurn(
        spec,
        gradV != null,
        tile -> {
          int start = tile.rowStart() * spec.keys();
          times(tile, gradOut, turnedValues.array(), 1f, gradProbs, start);
          if (gradV != null) {
            applyTransposed(tile, probs, start, gradOut, gradV);
          }
        });
    turnedValues.release();
  }

  private interface TileTask {
    void run(Tile tile);
  }

  private void forEachTile(AttentionSpec spec, TileTask task) {
    int tiles = MatmulKernels.divideUp(spec.queries(), TILE);
    backend
        .workers()
        .run(
            spec.batch() * spec.heads() * tiles,
            i -> task.run(new Tile(spec, i / tiles, i % tiles)));
  }

  /** Like {@link #forEachTile}, but where {@code ordered} a head's tiles run one after another. */
  private void forEachTileInTurn(AttentionSpec spec, boolean ordered, TileTask task) {
    if (!ordered) {
      forEachTile(spec, task);
      return;
    }
    int tiles = MatmulKernels.divideUp(spec.queries(), TILE);
    backend
        .workers()
        .run(
            spec.batch() * spec.heads(),
            matrix -> {
              for (int i = 0; i < tiles; i++) {
                task.run(new Tile(spec, matrix, i));
              }
            });
  }

  private static void scores(Tile tile, float[] q, float[] turnedKeys, float[] scores, int start) {
    times(tile, q, turnedKeys, tile.spec.scale(), scores, start);
  }

  /** {@code out[query, key] = factor · Σ_d rows[query, d] · turned[d, key]}. */
  private static void times(
      Tile tile, float[] rows, float[] turned, float factor, float[] out, int start) {
    int keys = tile.spec.keys();
    Arrays.fill(out, start, start + tile.rows * keys, 0f);
    Gemm.accumulate(
        tile.rows,
        keys,
        tile.spec.headDim(),
        factor,
        rows,
        tile.queryStart(),
        tile.spec.width(),
        1,
        Elements.of(turned),
        tile.turnedStart(),
        keys,
        out,
        start,
        keys);
  }

  /** {@code out[query, d] = Σ_key matrix[query, key] · values[key, d]}. */
  private static void apply(Tile tile, float[] matrix, int start, float[] values, float[] out) {
    int width = tile.spec.width();
    int headDim = tile.spec.headDim();
    for (int row = 0; row < tile.rows; row++) {
      int at = tile.queryStart() + row * width;
      Arrays.fill(out, at, at + headDim, 0f);
    }
    Gemm.accumulate(
        tile.rows,
        headDim,
        tile.spec.keys(),
        1f,
        matrix,
        start,
        tile.spec.keys(),
        1,
        Elements.of(values),
        tile.keyStart(),
        width,
        out,
        tile.queryStart(),
        width);
  }

  /** {@code out[key, d] += Σ_query matrix[query, key] · rows[query, d]}. */
  private static void applyTransposed(
      Tile tile, float[] matrix, int start, float[] rows, float[] out) {
    int width = tile.spec.width();
    int keys = tile.spec.keys();
    Gemm.accumulate(
        keys,
        tile.spec.headDim(),
        tile.rows,
        1f,
        matrix,
        start,
        1,
        keys,
        Elements.of(rows),
        tile.queryStart(),
        width,
        out,
        tile.keyStart(),
        width);
  }

  /** Keys or values as [batch, heads, headDim, keys]. */
  private HostStorage turn(AttentionSpec spec, float[] x) {
    HostStorage turned = backend.allocate(spec.batch() * spec.keys() * spec.width());
    float[] target = turned.array();
    backend
        .workers()
        .run(
            spec.batch() * spec.heads(),
            matrix -> {
              Tile head = new Tile(spec, matrix, 0);
              Gemm.transpose(
                  spec.keys(),
                  spec.headDim(),
                  Elements.of(x),
                  head.keyStart(),
                  spec.width(),
                  target,
                  head.turnedStart(),
                  spec.keys());
            });
    return turned;
  }

  /** Zeros where gradients of keys or values are about to be summed. */
  private static void clear(AttentionSpec spec, float[] gradient) {
    if (gradient != null) {
      Arrays.fill(gradient, 0, spec.batch() * spec.keys() * spec.width(), 0f);
    }
  }
}
