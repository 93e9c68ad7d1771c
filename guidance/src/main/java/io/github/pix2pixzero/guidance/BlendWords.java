package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.clip.ClipTokenizer;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Words whose maps say where something is, in both pictures of an edit.
 *
 * @param ofCaption words of the caption
 * @param ofTarget words of the target caption
 * @param wherever whether a word need be in one of the prompts only, and counts in those that have
 *     it
 */
public record BlendWords(
    ImmutableList<PromptWord> ofCaption, ImmutableList<PromptWord> ofTarget, boolean wherever) {

  /** No words. */
  public static final BlendWords NONE =
      new BlendWords(ImmutableList.of(), ImmutableList.of(), false);

  /**
   * Words of either prompt, which count in those that have them.
   *
   * @param words as {@link PromptWord#of} reads them
   */
  public static BlendWords of(Collection<String> words) {
    ImmutableList<PromptWord> all = read(words);
    return new BlendWords(all, all, true);
  }

  /** See {@link #of(Collection)}. */
  public static BlendWords of(String... words) {
    return of(List.of(words));
  }

  /**
   * Words of each prompt, all of which it must have.
   *
   * @param ofCaption as {@link PromptWord#of} reads them
   * @param ofTarget likewise
   */
  public static BlendWords ofBoth(Collection<String> ofCaption, Collection<String> ofTarget) {
    return new BlendWords(read(ofCaption), read(ofTarget), false);
  }

  private static ImmutableList<PromptWord> read(Collection<String> words) {
    return words.stream().map(PromptWord::of).collect(ImmutableList.toImmutableList());
  }

  boolean isEmpty() {
    return ofCaption.isEmpty() && ofTarget.isEmpty();
  }

  /**
   * The tokens of the words in both prompts, 1 each and 0 for others, [2, tokens].
   *
   * @throws IllegalArgumentException if a word is not where it should be, listing the words there
   */
  float[][] tokens(ClipTokenizer tokenizer, String caption, String target) {
    if (wherever) {
      for (PromptWord word : ofCaption) {
        checkArgument(
            word.isIn(tokenizer, caption) || word.isIn(tokenizer, target),
            "there is no %s in \"%s\" and none in \"%s\"; their words are %s",
            word,
            caption,
            target,
            words(caption, target));
      }
    }
    return new float[][] {
      tokens(ofCaption, tokenizer, caption), tokens(ofTarget, tokenizer, target)
    };
  }

  private float[] tokens(List<PromptWord> words, ClipTokenizer tokenizer, String prompt) {
    float[] tokens = new float[tokenizer.maxLength()];
    for (PromptWord word : words) {
      if (!wherever || word.isIn(tokenizer, prompt)) {
        for (int token : word.tokens(tokenizer, prompt)) {
          tokens[token] = 1;
        }
      }
    }
    return tokens;
  }

  private static String words(String caption, String target) {
    Set<String> words = new LinkedHashSet<>(EditRequest.words(caption));
    words.addAll(EditRequest.words(target));
    return String.join(", ", words);
  }

  @Override
  public String toString() {
    Collection<PromptWord> targets = wherever ? Collections.emptyList() : ofTarget;
    String first = ofCaption.stream().map(PromptWord::toString).collect(Collectors.joining(","));
    return targets.isEmpty()
        ? first
        : first
            + targets.stream().map(PromptWord::toString).collect(Collectors.joining(",", "/", ""));
  }
}
