package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.guidance.PromptToPrompt.Alignment;
import io.github.pix2pixzero.guidance.PromptToPrompt.Maps;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The settings of {@link PromptToPrompt} for two captions: its words as their tokens. */
public final class PromptEdit {
  private final PromptToPrompt settings;
  private final MapEdit maps;
  private final int tokens;
  private final Map<PromptWord, int[]> tokensOf = new HashMap<>();
  private final float[][] blendWords;
  private final float[][] blendWithout;

  private PromptEdit(
      PromptToPrompt settings, ClipTokenizer tokenizer, String caption, String target) {
    this.settings = settings;
    tokens = tokenizer.maxLength();
    settings
        .crossStepsOf()
        .keySet()
        .forEach(word -> tokensOf.put(word, word.tokens(tokenizer, target)));
    Map<Integer, Double> factors = new HashMap<>();
    settings
        .reweight()
        .forEach(
            (word, factor) -> {
              for (int token : word.tokens(tokenizer, target)) {
                factors.put(token, factor);
              }
            });
    maps = maps(settings, tokenizer, caption, target).reweighted(factors);
    Optional<LocalBlend> blend = settings.blend();
    blendWords = blend.map(b -> b.words().tokens(tokenizer, caption, target)).orElse(null);
    blendWithout = blend.map(b -> b.without().tokens(tokenizer, caption, target)).orElse(null);
  }

  /**
   * Resolves settings.
   *
   * @param caption of the picture
   * @param target caption of the edit
   * @throws IllegalArgumentException if a word is not in its caption, listing the caption's words,
   *     or the captions cannot be aligned as the settings say
   */
  public static PromptEdit of(
      PromptToPrompt settings, ClipTokenizer tokenizer, String caption, String target) {
    return new PromptEdit(settings, tokenizer, caption, target);
  }

  private static MapEdit maps(
      PromptToPrompt settings, ClipTokenizer tokenizer, String caption, String target) {
    Maps maps = settings.maps();
    if (maps == Maps.BY_CAPTIONS) {
      maps = EditRequest.adds(caption, target) ? Maps.REFINE : Maps.REPLACE;
    }
    boolean published = settings.alignment() == Alignment.PUBLISHED;
    return switch (maps) {
      case IN_PLACE -> MapEdit.replace(TokenAlignment.inPlace(tokenizer.maxLength()));
      case REFINE ->
          MapEdit.refine(
              published
                  ? PublishedAlignment.refinement(tokenizer, caption, target)
                  : TokenAlignment.of(tokenizer.encode(caption), tokenizer.encode(target)));
      default ->
          MapEdit.replace(
              published
                  ? PublishedAlignment.replacement(tokenizer, caption, target)
                  : TokenAlignment.of(tokenizer.encode(caption), tokenizer.encode(target)));
    };
  }

  PromptToPrompt settings() {
    return settings;
  }

  MapEdit maps() {
    return maps;
  }

  /**
   * Whether each token's cross-attention map is edited at a step, 1 or 0. Shares are of one step
   * more than there are, as published.
   */
  float[] crossShares(int step, int steps) {
    checkArgument(step <= steps, "step %s of %s", step, steps);
    float[] shares = new float[tokens];
    Arrays.fill(shares, settings.crossSteps().contains(step, steps + 1) ? 1 : 0);
    settings
        .crossStepsOf()
        .forEach(
            (word, window) -> {
              for (int token : tokensOf.get(word)) {
                shares[token] = window.contains(step, steps + 1) ? 1 : 0;
              }
            });
    return shares;
  }

  /** Tokens of the blend's words in both captions, [2, tokens]; of a blend only. */
  float[][] blendWords() {
    return blendWords;
  }

  /** Tokens of the words whose place a blend leaves out, [2, tokens]. */
  float[][] blendWithout() {
    return blendWithout;
  }
}
