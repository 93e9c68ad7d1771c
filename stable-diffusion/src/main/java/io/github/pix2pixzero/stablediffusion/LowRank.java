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
   */
  LowRank(StoredTensor up, StoredTensor mid, StoredTensor down, float scale) throws IOException {
    outputs = (int) up.shape()[0];
    this.up = up.floats();
    this.scale = scale;
    rank = (int) (mid == null ? down : mid).shape()[0];
    this.down = mid == null ? down.floats() : inner(mid, down);
    inputs = this.down.length / rank;
    if (this.up.length != outputs * rank) {
      throw new IOException("%s has another rank than %s".formatted(up, mid == null ? down : mid));
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
    if (down.shape()[0] != between) {
      throw new IOException("%s has another rank than %s".formatted(down, mid));
    }
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

  int outputs() {
    return outputs;
  }

  /** Elements of the product. */
  long size() {
    return (long) outputs * inputs;
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
