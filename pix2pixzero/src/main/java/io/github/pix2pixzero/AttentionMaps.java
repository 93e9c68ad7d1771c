package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Floats;
import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.LearnedWord;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where in a picture each word of its prompt looks: cross-attention probabilities, averaged over
 * heads, layers and steps after scaling every layer's map to the size of the latent, as DAAM does
 * (Tang et al., 2023). A word of several tokens has the sum of theirs.
 *
 * @param width of a map, that of the latent
 * @param height of a map
 * @param words the words of the prompt in their order, each with its probabilities, row by row
 */
public record AttentionMaps(
    int width, int height, ImmutableMap<String, ImmutableList<Float>> words) {
  private static final String WORD = "[\\p{L}\\p{M}\\p{N}]+";

  /**
   * Adds up the maps of each word's tokens.
   *
   * @param tokens one map a token of the encoded prompt, [tokens][height · width]
   */
  static AttentionMaps of(
      ClipTokenizer tokenizer, String prompt, float[][] tokens, int width, int height) {
    ImmutableMap.Builder<String, ImmutableList<Float>> maps = ImmutableMap.builder();
    for (String word : wordsOf(tokenizer, prompt)) {
      int[] positions = tokenizer.tokensOf(prompt, word);
      if (positions.length == 0) {
        continue; // a part of a longer word, or cut off
      }
      ImmutableList.Builder<Float> map = ImmutableList.builder();
      for (int pixel = 0; pixel < width * height; pixel++) {
        float sum = 0;
        for (int position : positions) {
          sum += tokens[position][pixel];
        }
        map.add(sum);
      }
      maps.put(word, map.build());
    }
    return new AttentionMaps(width, height, maps.buildKeepingLast());
  }

  /** The words of a prompt in their order; a learned one is one, whatever it is made of. */
  private static Set<String> wordsOf(ClipTokenizer tokenizer, String prompt) {
    Stream<String> learned =
        tokenizer.learnedIn(prompt).stream()
            .map(LearnedWord::token)
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(Pattern::quote);
    Pattern word =
        Pattern.compile(
            Stream.concat(learned, Stream.of(WORD)).collect(Collectors.joining("|")),
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    return word.matcher(tokenizer.withoutWeights(prompt))
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * The map of a word, from 0 where it looks least to 1 where it looks most; all 0 if it looks
   * everywhere alike.
   *
   * @return [height · width], row by row
   * @throws IllegalArgumentException if the prompt has no such word
   */
  public float[] heat(String word) {
    return heat(mapOf(word));
  }

  /**
   * Where words together look more than a share of the most: 1 there, 0 elsewhere.
   *
   * @return [1, 1, height, width]
   */
  Tensor mask(List<String> wanted, double threshold, Backend backend) {
    float[] sum = new float[width * height];
    for (String word : wanted) {
      ImmutableList<Float> map = mapOf(word);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += map.get(i);
      }
    }
    float[] mask = heat(Floats.asList(sum));
    for (int i = 0; i < mask.length; i++) {
      mask[i] = mask[i] > threshold ? 1 : 0;
    }
    return Tensor.of(backend, mask, 1, 1, height, width);
  }

  private ImmutableList<Float> mapOf(String word) {
    checkIsWord(word, words.keySet());
    return words.get(word);
  }

  /**
   * Refuses words that a prompt does not have.
   *
   * @throws IllegalArgumentException naming the words that it has
   */
  static void checkWords(ClipTokenizer tokenizer, String prompt, List<String> wanted) {
    Set<String> words = wordsOf(tokenizer, prompt);
    words.removeIf(word -> tokenizer.tokensOf(prompt, word).length == 0);
    wanted.forEach(word -> checkIsWord(word, words));
  }

  private static void checkIsWord(String word, Set<String> words) {
    checkArgument(
        words.contains(word),
        "the prompt has no word \"%s\", it has %s",
        word,
        String.join(", ", words));
  }

  private static float[] heat(List<Float> map) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : map) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    float[] heat = new float[map.size()];
    for (int i = 0; i < heat.length; i++) {
      heat[i] = high > low ? (map.get(i) - low) / (high - low) : 0;
    }
    return heat;
  }
}
