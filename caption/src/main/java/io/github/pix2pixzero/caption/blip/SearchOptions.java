package io.github.pix2pixzero.caption.blip;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalInt;

/**
 * How a sentence is looked for. Lengths are in tokens and count the prompt.
 *
 * @param beams sentences followed at a time; 1 always takes the likeliest token
 * @param minLength shorter sentences do not end
 * @param maxLength longer ones are cut; if empty, 20 tokens after the prompt
 * @param lengthPenalty a beam's score is Σ log p / (tokens after the prompt, the end included) to
 *     this power; above 1 favours long sentences
 * @param earlyStopping whether to stop at as many sentences as there are beams, instead of when a
 *     better one seems unlikely
 */
public record SearchOptions(
    int beams, int minLength, OptionalInt maxLength, double lengthPenalty, boolean earlyStopping) {
  private static final int DEFAULT_NEW_TOKENS = 20;

  /**
   * What the paper's code takes: 3 beams, 10 to 30 tokens (LAVIS, {@code BlipCaption.generate}).
   */
  public static final SearchOptions PUBLISHED =
      new SearchOptions(3, 10, OptionalInt.of(30), 1, false);

  public SearchOptions {
    checkArgument(beams >= 1, "there are %s beams, expected at least one", beams);
    checkArgument(
        maxLength.isEmpty() || maxLength.getAsInt() >= minLength,
        "sentences of at least %s tokens are not of at most %s",
        minLength,
        maxLength);
  }

  /** Tokens of the longest sentence that begins with a prompt, in a model that takes so many. */
  int maxLength(int prompt, int positions) {
    int length = maxLength.orElse(Math.min(prompt + DEFAULT_NEW_TOKENS, positions));
    checkArgument(
        length > prompt && length <= positions,
        "sentences of at most %s tokens, with a prompt of %s, do not fit a model of %s positions",
        length,
        prompt,
        positions);
    return length;
  }
}
