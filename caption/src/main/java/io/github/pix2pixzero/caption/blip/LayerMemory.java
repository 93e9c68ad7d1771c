package io.github.pix2pixzero.caption.blip;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.Embedding;

/**
 * Keys and values that a layer attends to: those of the picture, made once, and those of the
 * sentences' tokens so far.
 */
final class LayerMemory {
  private final Tensor pictureKeys;
  private final Tensor pictureValues;
  private final Scope scope;
  private Tensor keys;
  private Tensor values;

  /**
   * One without tokens.
   *
   * @param pictureKeys [1, tokens, width]
   * @param pictureValues [1, tokens, width]
   * @param scope what is remembered lives in it
   */
  LayerMemory(Tensor pictureKeys, Tensor pictureValues, Scope scope) {
    this.pictureKeys = scope.adopt(pictureKeys);
    this.pictureValues = scope.adopt(pictureValues);
    this.scope = scope;
  }

  Tensor pictureKeys() {
    return pictureKeys;
  }

  Tensor pictureValues() {
    return pictureValues;
  }

  /** [sentences, tokens, width]. */
  Tensor keys() {
    return keys;
  }

  /** [sentences, tokens, width]. */
  Tensor values() {
    return values;
  }

  /** Tokens so far. */
  int length() {
    return keys == null ? 0 : keys.dim(1);
  }

  /** Adds tokens, [sentences, tokens, width]. */
  void append(Tensor moreKeys, Tensor moreValues) {
    if (keys == null) {
      keys = scope.adopt(moreKeys);
      values = scope.adopt(moreValues);
    } else {
      keys = replaced(keys, Tensor.concat(1, keys, moreKeys));
      values = replaced(values, Tensor.concat(1, values, moreValues));
    }
  }

  /** Goes on with these sentences in place of those so far; one may serve several times. */
  void select(int... sentences) {
    keys = replaced(keys, rows(keys, sentences));
    values = replaced(values, rows(values, sentences));
  }

  private Tensor replaced(Tensor old, Tensor successor) {
    Scope.release(old);
    return scope.adopt(successor);
  }

  private static Tensor rows(Tensor x, int... rows) {
    return Embedding.of(x.reshape(x.dim(0), -1), rows).reshape(rows.length, x.dim(1), x.dim(2));
  }
}
