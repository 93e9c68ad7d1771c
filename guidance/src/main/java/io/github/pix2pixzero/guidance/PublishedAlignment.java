package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Which tokens correspond as {@code seq_aligner.py} of google/prompt-to-prompt has it (commit
 * 9c472e4), peculiarities included.
 */
final class PublishedAlignment {
  private static final Pattern WORD = Pattern.compile("\\S+");

  private PublishedAlignment() {}

  /**
   * Alignment for a word swap ({@code get_replacement_mapper}): words that differ take one
   * another's place. A word's tokens correspond one to one, or, where they are not as many, share
   * evenly. After the last such word a token corresponds to the one at its own place, so that words
   * and padding are not shifted back; the last places are then without attention where the target
   * is the shorter.
   *
   * @throws IllegalArgumentException if the prompts have not equally many words
   */
  static TokenAlignment replacement(ClipTokenizer tokenizer, String caption, String target) {
    List<int[]> before = new ArrayList<>();
    List<int[]> after = new ArrayList<>();
    List<Word> from = words(tokenizer, caption);
    List<Word> to = words(tokenizer, target);
    checkArgument(
        from.size() == to.size(),
        "the published word swap needs captions of equally many words, not of %s and %s:"
            + " \"%s\", \"%s\"; refine the maps, or align by common tokens",
        from.size(),
        to.size(),
        caption,
        target);
    for (int i = 0; i < from.size(); i++) {
      Word old = from.get(i);
      Word changed = to.get(i);
      // A word that was cut has no tokens.
      if (!old.text().equals(changed.text()) && old.tokens().length * changed.tokens().length > 0) {
        before.add(old.tokens());
        after.add(changed.tokens());
      }
    }
    return replacement(before, after, tokenizer.maxLength());
  }

  private static TokenAlignment replacement(List<int[]> before, List<int[]> after, int length) {
    float[] shares = new float[length * length];
    int i = 0;
    int j = 0;
    int swap = 0;
    while (i < length && j < length) {
      if (swap < before.size() && before.get(swap)[0] == i) {
        int[] old = before.get(swap);
        int[] changed = after.get(swap++);
        for (int a = 0; a < old.length; a++) {
          for (int b = 0; b < changed.length; b++) {
            if (old.length != changed.length) {
              shares[old[a] * length + changed[b]] = (float) (1.0 / changed.length);
            } else if (a == b) {
              shares[old[a] * length + changed[b]] = 1;
            }
          }
        }
        i += old.length;
        j += changed.length;
      } else {
        shares[(swap < before.size() ? i : j) * length + j] = 1;
        i++;
        j++;
      }
    }
    boolean[] all = new boolean[length];
    Arrays.fill(all, true);
    return new TokenAlignment(length, shares, all, all);
  }

  /** A word as typed, and where its tokens are. */
  private record Word(String text, int[] tokens) {}

  /** What blanks separate. */
  private static List<Word> words(ClipTokenizer tokenizer, String prompt) {
    Encoding encoding = tokenizer.tokenize(prompt);
    Matcher typed = WORD.matcher(tokenizer.withoutWeights(prompt));
    Matcher cleaned = WORD.matcher(encoding.text());
    List<Word> words = new ArrayList<>();
    while (typed.find() && cleaned.find()) {
      words.add(new Word(typed.group(), encoding.positions(cleaned.start(), cleaned.end())));
    }
    return words;
  }

  /**
   * Alignment for a refinement ({@code get_refinement_mapper}): a global one after Needleman and
   * Wunsch (gap 0, match 1, mismatch -1) that prefers a gap where it scores as high. Places after
   * the target's end correspond to those of the same number.
   */
  static TokenAlignment refinement(ClipTokenizer tokenizer, String caption, String target) {
    int[] places =
        places(
            tokenizer.tokenize(caption).ids(),
            tokenizer.tokenize(target).ids(),
            tokenizer.maxLength());
    float[] shares = new float[places.length * places.length];
    boolean[] matched = new boolean[places.length];
    for (int j = 0; j < places.length; j++) {
      matched[j] = places[j] >= 0;
      if (matched[j]) {
        shares[places[j] * places.length + j] = 1;
      }
    }
    return new TokenAlignment(places.length, shares, matched, matched);
  }

  /** By token of the target, its place in the source, -1 for none. */
  static int[] places(int[] source, int[] target, int length) {
    int[][] score = new int[source.length + 1][target.length + 1];
    for (int i = 1; i <= source.length; i++) {
      for (int j = 1; j <= target.length; j++) {
        int pair = score[i - 1][j - 1] + (source[i - 1] == target[j - 1] ? 1 : -1);
        score[i][j] = Math.max(Math.max(score[i][j - 1], score[i - 1][j]), pair);
      }
    }
    int[] places = IntStream.range(0, length).toArray();
    int i = source.length;
    int j = target.length;
    while (j > 0) {
      if (i == 0 || score[i][j] == score[i][j - 1]) {
        places[--j] = -1;
      } else if (score[i][j] == score[i - 1][j]) {
        i--;
      } else {
        places[--j] = --i;
      }
    }
    return places;
  }
}
