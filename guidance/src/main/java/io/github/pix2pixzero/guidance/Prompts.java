package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.TextContext;
import java.util.List;

/**
 * The prompts of an edit or of a generation.
 *
 * @param byRow each prompt's embedding, all of one shape
 */
public record Prompts(ImmutableMap<PromptRow, TextEmbedding> byRow) {

  /**
   * The prompts of an edit.
   *
   * @param caption of the picture as it is
   * @param negative what classifier-free guidance leads away from
   * @param edited of the picture as it should be
   */
  public static Prompts ofEdit(
      TextEmbedding caption, TextEmbedding negative, TextEmbedding edited) {
    return new Prompts(
        ImmutableMap.of(
            PromptRow.CAPTION, caption, PromptRow.NEGATIVE, negative, PromptRow.EDITED, edited));
  }

  /**
   * The prompts of a generation.
   *
   * @param prompt of the picture
   * @param negative what classifier-free guidance leads away from
   */
  public static Prompts ofGeneration(TextEmbedding prompt, TextEmbedding negative) {
    return new Prompts(ImmutableMap.of(PromptRow.PROMPT, prompt, PromptRow.NEGATIVE, negative));
  }

  /** The prompts of an edit that goes so many times as far from the caption. */
  Prompts withStrength(double factor) {
    TextEmbedding caption = get(PromptRow.CAPTION);
    return ofEdit(caption, get(PromptRow.NEGATIVE), caption.towards(get(PromptRow.EDITED), factor));
  }

  /**
   * A prompt's embedding.
   *
   * @throws IllegalArgumentException if there is no such prompt
   */
  public TextEmbedding get(PromptRow row) {
    TextEmbedding embedding = byRow.get(row);
    checkArgument(embedding != null, "there is no prompt %s among %s", row, byRow.keySet());
    return embedding;
  }

  /**
   * What a batch attends to. Its keys and values live as long as the scope that is open now.
   *
   * @param rows whose prompt each row has
   */
  public TextContext context(List<PromptRow> rows) {
    Tensor[] states = rows.stream().map(row -> get(row).states()).toArray(Tensor[]::new);
    return new TextContext(states.length == 1 ? states[0] : Tensor.concat(0, states), rows);
  }
}
