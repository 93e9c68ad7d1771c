package io.github.pix2pixzero.caption.blip;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Sentences about one picture that grow by a token at a time. What was computed for earlier tokens
 * is kept until it is closed; it closes on the thread that opened it.
 */
final class Continuations implements AutoCloseable {
  private final BlipTextDecoder decoder;
  private final Scope scope = Scope.open();
  private final List<LayerMemory> memory;

  /**
   * @param picture [1, tokens, encoderHiddenSize]
   */
  Continuations(BlipTextDecoder decoder, Tensor picture) {
    this.decoder = decoder;
    this.memory = decoder.look(picture, scope);
  }

  /** The logits of what follows a prompt, the one sentence so far. */
  float[] begin(int[] prompt) {
    return next(new int[][] {prompt})[0];
  }

  /**
   * Goes on with some of the sentences, each with a token more.
   *
   * @param parents which of the sentences so far each new one continues
   * @param tokens what each continues with
   * @return logits of what follows each, [sentences][vocabSize]
   */
  float[][] next(int[] parents, int[] tokens) {
    memory.forEach(layer -> layer.select(parents));
    return next(Arrays.stream(tokens).mapToObj(token -> new int[] {token}).toArray(int[][]::new));
  }

  private float[][] next(int[][] ids) {
    int last = ids[0].length - 1;
    int vocabulary = decoder.config().vocabSize();
    try (Scope step = Scope.open()) {
      Tensor hidden = decoder.forward(ids, memory).slice(1, last, last + 1);
      float[] logits = decoder.logits(hidden).toFloats();
      float[][] rows = new float[ids.length][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = Arrays.copyOfRange(logits, i * vocabulary, (i + 1) * vocabulary);
      }
      return rows;
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
