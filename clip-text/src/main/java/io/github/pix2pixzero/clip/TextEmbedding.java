package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import java.util.Optional;

/**
 * What a text encoder makes of a prompt, or the difference of two such embeddings.
 *
 * @param states what a U-Net attends to, [1, tokens, width]
 * @param pooled the text as a whole, [1, width], where the model has a use for that
 */
public record TextEmbedding(Tensor states, Optional<Tensor> pooled) {
  public TextEmbedding {
    checkArgument(
        states.shape().rank() == 3 && states.dim(0) == 1,
        "a text embedding should be [1, tokens, width], it is %s",
        states.shape());
  }

  /** An embedding that is not pooled. */
  public TextEmbedding(Tensor states) {
    this(states, Optional.empty());
  }

  /**
   * The sum of two embeddings; pooled if both are.
   *
   * @throws IllegalArgumentException if they are of different shapes
   */
  public TextEmbedding plus(TextEmbedding other) {
    checkArgument(
        states.shape().equals(other.states.shape()),
        "text embeddings of %s and %s cannot be added",
        states.shape(),
        other.states.shape());
    return new TextEmbedding(
        states.add(other.states), pooled.flatMap(mine -> other.pooled.map(mine::add)));
  }

  /** The difference of two embeddings; pooled if both are. */
  public TextEmbedding minus(TextEmbedding other) {
    return plus(other.scale(-1));
  }

  /** So many times the way to another embedding; pooled if both are. */
  public TextEmbedding towards(TextEmbedding other, double factor) {
    return plus(other.minus(this).scale(factor));
  }

  /** The embedding, so many times as long. */
  public TextEmbedding scale(double factor) {
    return new TextEmbedding(
        states.mul((float) factor), pooled.map(whole -> whole.mul((float) factor)));
  }
}
