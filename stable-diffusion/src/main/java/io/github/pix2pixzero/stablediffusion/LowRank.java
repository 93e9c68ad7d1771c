package io.github.pix2pixzero.stablediffusion;

import io.github.pix2pixzero.tensor.io.StoredTensor;
import java.io.IOException;

/** A scaled product of two matrices, or of convolutions, that is added to a weight. */
final class LowRank {
  private final int outputs;
  private final int rank;
  private final int inputs;
  private final float[] up;
  private final float[] down;
  private final float scale;

  /**
   * @param up [outputs, r] or [outputs, r, 1, 1]
   * @param mid [r, q, k, k] between convolutions of one pixel; null without
   * @param down [r, inputs] or [r, inputs, k, k], or with {@code mid} [q, inputs, 1, 1]
   * @param base the weight that the product is for
   * @throws IOException naming the tensors if they do not fit one another or the weight
   */
  LowRank(StoredTensor up, StoredTensor mid, StoredTensor down, float scale, StoredTensor base)
      throws IOException {
    StoredTensor first = mid == null ? down : mid;
    requireFactor(up);
    requireFactor(down);
    requireFactor(first);
    long size = base.elementCount();
    if (up.elementCount() != up.shape()[0] * first.shape()[0]) {
      throw new IOException("%s has another rank than %s".formatted(up, first));
    }
    if (mid != null && down.shape()[0] != mid.shape()[1]) {
      throw new IOException("%s has another rank than %s".formatted(down, mid));
    }
    long taps = mid == null ? 1 : mid.elementCount() / (mid.shape()[0] * mid.shape()[1]);
    long width = down.elementCount() / down.shape()[0] * taps;
    if (up.shape()[0] != base.shape()[0] || width != size / base.shape()[0]) {
      throw new IOException("%s does not fit %s, which it should change".formatted(up, base));
    }
    this.up = up.floats();
    this.down = mid == null ? down.floats() : inner(mid, down);
    this.scale = scale;
    outputs = (int) up.shape()[0];
    rank = (int) first.shape()[0];
    inputs = (int) width;
  }

  private static void requireFactor(StoredTensor factor) throws IOException {
    if (factor.shape().length < 2 || factor.elementCount() == 0) {
      throw new IOException(factor + " is no matrix, as the factors of a LoRA are");
    }
    if (!factor.storedType().isFloating()) {
      throw new IOException(factor + " does not hold floating-point numbers");
    }
  }

  /** What mid and down are together: Σ_q mid[p, q, k] · down[q, i], [p, i, k]. */
  private static float[] inner(StoredTensor mid, StoredTensor down) throws IOException {
    long[] shape = mid.shape();
    int outer = (int) shape[0];
    int between = (int) shape[1];
    float[] middle = mid.floats();
    float[] first = down.floats();
    int taps = middle.length / (outer * between);
    int width = first.length / between;
    float[] product = new float[outer * width * taps];
    for (int p = 0; p < outer; p++) {
      for (int q = 0; q < between; q++) {
        for (int i = 0; i < width; i++) {
          for (int k = 0; k < taps; k++) {
            product[(p * width + i) * taps + k] +=
                middle[(p * between + q) * taps + k] * first[q * width + i];
          }
        }
      }
    }
    return product;
  }

  /** Adds the product to a weight, whose first axis are the outputs. */
  void addTo(float[] weight) {
    for (int o = 0; o < outputs; o++) {
      for (int r = 0; r < rank; r++) {
        float factor = scale * up[o * rank + r];
        for (int i = 0; i < inputs; i++) {
          weight[o * inputs + i] += factor * down[r * inputs + i];
        }
      }
    }
  }
}
