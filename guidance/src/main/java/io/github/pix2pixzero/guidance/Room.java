package io.github.pix2pixzero.guidance;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * What an edit needs that adds words to the caption, "a dog" to "a dog with a hat": the picture's
 * own maps know nothing of what comes and hold it down, and beside all that stays, the prompt
 * hardly asks for it.
 *
 * @param pull how much guidance counts at each place, [1, 1, height, width], from 0 to 1
 * @param prompts with the edited one farther from the caption than it is by itself, for the {@link
 *     #EMPHASISED} steps, in which shapes are decided
 */
public record Room(Tensor pull, Prompts prompts) {
  static final StepWindow EMPHASISED = StepWindow.until(0.6);

  /** How far the edited prompt lies from the caption, of its distance. */
  private static final double EMPHASIS = 1.3;

  /** For words whose places a search has found. */
  static Room of(EditMask changes, Prompts prompts) {
    return new Room(changes.pull(), prompts.withStrength(EMPHASIS));
  }
}
