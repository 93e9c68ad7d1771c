package io.github.pix2pixzero.clip;

import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/**
 * What weights of words do to embeddings, as stable-diffusion-webui has it ({@code
 * EmphasisOriginal}): every token's state times its weight, then all of the prompt's so that their
 * mean is what it was.
 */
final class Emphasis {
  private Emphasis() {}

  /**
   * @param states of the prompts, [prompts, tokens, width]
   * @return the same where no word has a weight of its own
   */
  static Tensor of(Tensor states, List<Encoding> prompts) {
    if (prompts.stream().noneMatch(Encoding::isWeighted)) {
      return states;
    }
    float[] values = states.toFloats();
    int width = states.dim(2);
    int size = states.dim(1) * width;
    for (int i = 0; i < prompts.size(); i++) {
      if (prompts.get(i).isWeighted()) {
        weigh(values, i * size, size, width, prompts.get(i).tokens());
      }
    }
    return Tensor.of(states.backend(), values, states.shape().toArray());
  }

  private static void weigh(
      float[] values, int from, int size, int width, List<Encoding.Token> tokens) {
    double before = sum(values, from, size);
    for (int token = 0; token < tokens.size(); token++) {
      float weight = (float) tokens.get(token).weight();
      for (int i = 0; i < width; i++) {
        values[from + token * width + i] *= weight;
      }
    }
    float restored = (float) (before / sum(values, from, size));
    for (int i = from; i < from + size; i++) {
      values[i] *= restored;
    }
  }

  private static double sum(float[] values, int from, int size) {
    double sum = 0;
    for (int i = from; i < from + size; i++) {
      sum += values[i];
    }
    return sum;
  }
}
