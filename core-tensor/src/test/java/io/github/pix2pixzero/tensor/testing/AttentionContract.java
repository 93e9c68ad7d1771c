package io.github.pix2pixzero.tensor.testing;

import static io.github.pix2pixzero.tensor.testing.KernelContract.arrays;
import static io.github.pix2pixzero.tensor.testing.KernelContract.fresh;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attention, fused and in two halves. */
interface AttentionContract extends KernelContract {
  double TOLERANCE = 1e-5;

  /** How far queries and keys go: the second makes the softmax nearly pick one key. */
  float[] SHARPNESS = {1, 6};

  private static AttentionSpec spec(
      int batch, int heads, int queries, int keys, int headDim, boolean causal) {
    float scale = (float) (1 / Math.sqrt(headDim));
    return new AttentionSpec(batch, heads, queries, keys, headDim, scale, causal);
  }

  /** At least two keys, since the gradient through the softmax of one is nothing but rounding. */
  List<AttentionSpec> SPECS =
      List.of(
          spec(1, 1, 1, 2, 1, false),
          spec(2, 3, 7, 9, 8, false),
          spec(2, 3, 9, 7, 15, false),
          spec(2, 3, 9, 7, 15, true),
          spec(1, 2, 5, 9, 4, true),
          spec(1, 2, 9, 5, 4, true),
          spec(2, 1, 31, 31, 17, true),
          spec(1, 2, 77, 77, 16, true),
          spec(1, 2, 33, 77, 40, false),
          spec(1, 2, 64, 64, 32, false),
          spec(1, 2, 65, 129, 33, false),
          spec(1, 1, 35, 1001, 8, false),
          spec(1, 1, 421, 421, 5, true),
          spec(2, 1, 130, 257, 64, false),
          spec(1, 1, 3, 1031, 20, false));

  @Test
  default void attention() {
    for (AttentionSpec spec : SPECS) {
      for (float sharpness : SHARPNESS) {
        check(
            spec + " sharpness " + sharpness,
            TOLERANCE,
            (backend, in, out) -> backend.attention(spec, in[0], in[1], in[2], out[0], out[1]),
            arrays(queries(spec, sharpness), keys(spec, sharpness), random(3, context(spec))),
            arrays(fresh(tokens(spec)), fresh(rows(spec))));
      }
    }
  }

  @Test
  default void attentionToOneKeyIsItsValue() {
    AttentionSpec spec = spec(2, 3, 5, 1, 7, false);
    check(
        spec.toString(),
        TOLERANCE,
        (backend, in, out) -> backend.attention(spec, in[0], in[1], in[2], out[0], out[1]),
        arrays(queries(spec, 1), keys(spec, 1), random(3, context(spec))),
        arrays(fresh(tokens(spec)), fresh(rows(spec))));
  }

  @Test
  default void attentionBackward() {
    for (AttentionSpec spec : SPECS) {
      for (float sharpness : SHARPNESS) {
        for (boolean toContext : new boolean[] {false, true}) {
          float[] q = queries(spec, sharpness);
          float[] k = keys(spec, sharpness);
          float[] v = random(3, context(spec));
          float[][] forward = forward(spec, q, k, v);
          check(
              "backward of " + spec + " sharpness " + sharpness,
              5 * TOLERANCE,
              (backend, in, out) ->
                  backend.attentionBackward(
                      spec, in[0], in[1], in[2], in[3], in[4], in[5], out[0], out[1], out[2]),
              arrays(q, k, v, forward[0], forward[1], random(4, tokens(spec))),
              arrays(
                  fresh(tokens(spec)),
                  toContext ? fresh(context(spec)) : null,
                  toContext ? fresh(context(spec)) : null));
        }
      }
    }
  }

  @Test
  default void attentionProbs() {
    for (AttentionSpec spec : SPECS) {
      for (float sharpness : SHARPNESS) {
        check(
            "probabilities of " + spec + " sharpness " + sharpness,
            TOLERANCE,
            (backend, in, out) -> backend.attentionProbs(spec, in[0], in[1], out[0]),
            arrays(queries(spec, sharpness), keys(spec, sharpness)),
            arrays(fresh(probs(spec))));
      }
    }
  }

  @Test
  default void attentionProbsBackward() {
    for (AttentionSpec spec : SPECS) {
      for (boolean toContext : new boolean[] {false, true}) {
        for (boolean more : new boolean[] {false, true}) {
          check(
              "backward of the probabilities of " + spec,
              TOLERANCE,
              (backend, in, out) ->
                  backend.attentionProbsBackward(
                      spec, in[0], in[1], in[2], in[3], in[4], out[0], out[1]),
              arrays(
                  queries(spec, 1),
                  keys(spec, 1),
                  random(5, probs(spec), 0, 2.0 / spec.keys()),
                  random(6, probs(spec)),
                  more ? random(7, probs(spec)) : null),
              arrays(fresh(tokens(spec)), toContext ? fresh(context(spec)) : null));
        }
      }
    }
  }

  @Test
  default void attentionApply() {
    for (AttentionSpec spec : SPECS) {
      check(
          "applying the probabilities of " + spec,
          TOLERANCE,
          (backend, in, out) -> backend.attentionApply(spec, in[0], in[1], out[0]),
          arrays(random(5, probs(spec), 0, 2.0 / spec.keys()), random(3, context(spec))),
          arrays(fresh(tokens(spec))));
    }
  }

  @Test
  default void attentionApplyBackward() {
    for (AttentionSpec spec : SPECS) {
      for (boolean toContext : new boolean[] {false, true}) {
        check(
            "backward of applying the probabilities of " + spec,
            TOLERANCE,
            (backend, in, out) ->
                backend.attentionApplyBackward(spec, in[0], in[1], in[2], out[0], out[1]),
            arrays(
                random(5, probs(spec), 0, 2.0 / spec.keys()),
                random(3, context(spec)),
                random(4, tokens(spec))),
            arrays(fresh(probs(spec)), toContext ? fresh(context(spec)) : null));
      }
    }
  }

  /** What the oracle's forward pass leaves for the backward pass. */
  private static float[][] forward(AttentionSpec spec, float[] q, float[] k, float[] v) {
    OracleBackend oracle = new OracleBackend();
    Storage[] in = new Storage[3];
    float[][] values = {q, k, v};
    for (int i = 0; i < 3; i++) {
      in[i] = oracle.allocate(values[i].length);
      oracle.upload(values[i], 0, in[i]);
    }
    Storage out = oracle.allocate(tokens(spec));
    Storage logSumExp = oracle.allocate(rows(spec));
    oracle.attention(spec, in[0], in[1], in[2], out, logSumExp);
    float[][] result = {new float[out.size()], new float[logSumExp.size()]};
    oracle.download(out, result[0], 0);
    oracle.download(logSumExp, result[1], 0);
    return result;
  }

  private static float[] queries(AttentionSpec spec, float sharpness) {
    return random(1, tokens(spec), -sharpness, sharpness);
  }

  private static float[] keys(AttentionSpec spec, float sharpness) {
    return random(2, context(spec), -sharpness, sharpness);
  }

  private static int tokens(AttentionSpec spec) {
    return spec.batch() * spec.queries() * spec.width();
  }

  private static int context(AttentionSpec spec) {
    return spec.batch() * spec.keys() * spec.width();
  }

  private static int rows(AttentionSpec spec) {
    return spec.batch() * spec.heads() * spec.queries();
  }

  private static int probs(AttentionSpec spec) {
    return rows(spec) * spec.keys();
  }
}
