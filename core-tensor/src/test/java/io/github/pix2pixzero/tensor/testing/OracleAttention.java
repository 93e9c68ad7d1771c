package io.github.pix2pixzero.tensor.testing;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import java.util.Arrays;

/** Attention for the {@link OracleBackend}, with every score and probability in memory. */
record OracleAttention(AttentionSpec spec) {

  /** scale · q · kᵀ, with -∞ where a query does not see a key: [batch, heads, queries, keys]. */
  double[] scores(double[] q, double[] k) {
    double[] scores = new double[spec.batch() * spec.heads() * spec.queries() * spec.keys()];
    forEachPair(
        (pair, query, key) -> {
          for (int d = 0; d < spec.headDim(); d++) {
            scores[pair] += spec.scale() * q[query + d] * k[key + d];
          }
          if (spec.causal() && pair % spec.keys() > pair / spec.keys() % spec.queries()) {
            scores[pair] = Double.NEGATIVE_INFINITY;
          }
        });
    return scores;
  }

  void logSumExp(double[] scores, double[] out) {
    for (int row = 0; row < out.length; row++) {
      double max = max(scores, row);
      double sum = 0;
      for (int i = 0; i < spec.keys(); i++) {
        sum += Math.exp(scores[row * spec.keys() + i] - max);
      }
      out[row] = max + Math.log(sum);
    }
  }

  double[] softmax(double[] scores) {
    double[] probs = new double[scores.length];
    double[] logSumExp = new double[scores.length / spec.keys()];
    logSumExp(scores, logSumExp);
    for (int i = 0; i < probs.length; i++) {
      probs[i] = Math.exp(scores[i] - logSumExp[i / spec.keys()]);
    }
    return probs;
  }

  private double max(double[] scores, int row) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < spec.keys(); i++) {
      max = Math.max(max, scores[row * spec.keys() + i]);
    }
    return max;
  }

  /** Σ_key probs · v. */
  void apply(double[] probs, double[] v, double[] out) {
    Arrays.fill(out, 0);
    forEachPair(
        (pair, query, key) -> {
          for (int d = 0; d < spec.headDim(); d++) {
            out[query + d] += probs[pair] * v[key + d];
          }
        });
  }

  /** {@code gradV} may be null. */
  void applyBackward(
      double[] probs, double[] v, double[] gradOut, double[] gradProbs, double[] gradV) {
    Arrays.fill(gradProbs, 0);
    forEachPair(
        (pair, query, key) -> {
          for (int d = 0; d < spec.headDim(); d++) {
            gradProbs[pair] += gradOut[query + d] * v[key + d];
          }
        });
    if (gradV != null) {
      Arrays.fill(gradV, 0);
      forEachPair(
          (pair, query, key) -> {
            for (int d = 0; d < spec.headDim(); d++) {
              gradV[key + d] += probs[pair] * gradOut[query + d];
            }
          });
    }
  }

  /** {@code gradK} may be null. */
  void probsBackward(
      double[] q, double[] k, double[] probs, double[] gradProbs, double[] gradQ, double[] gradK) {
    double[] mean = new double[probs.length / spec.keys()];
    for (int i = 0; i < probs.length; i++) {
      mean[i / spec.keys()] += probs[i] * gradProbs[i];
    }
    double[] gradScores = new double[probs.length];
    for (int i = 0; i < probs.length; i++) {
      gradScores[i] = spec.scale() * probs[i] * (gradProbs[i] - mean[i / spec.keys()]);
    }
    apply(gradScores, k, gradQ);
    if (gradK != null) {
      Arrays.fill(gradK, 0);
      forEachPair(
          (pair, query, key) -> {
            for (int d = 0; d < spec.headDim(); d++) {
              gradK[key + d] += gradScores[pair] * q[query + d];
            }
          });
    }
  }

  private interface Pair {
    /**
     * @param pair index of a query and a key of one head in [batch, heads, queries, keys]
     * @param query where the head's part of the query begins in [batch, queries, heads · headDim]
     * @param key where the head's part of the key begins in [batch, keys, heads · headDim]
     */
    void at(int pair, int query, int key);
  }

  private void forEachPair(Pair body) {
    int pair = 0;
    for (int b = 0; b < spec.batch(); b++) {
      for (int head = 0; head < spec.heads(); head++) {
        for (int i = 0; i < spec.queries(); i++) {
          for (int j = 0; j < spec.keys(); j++) {
            int query = (b * spec.queries() + i) * spec.width() + head * spec.headDim();
            int key = (b * spec.keys() + j) * spec.width() + head * spec.headDim();
            body.at(pair++, query, key);
          }
        }
      }
    }
  }
}
