package io.github.pix2pixzero.direction;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.tensor.Scope;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Tells text encoders apart by what they make of one sentence: a few numbers of its embedding. They
 * are compared with a tolerance, so that another backend, or the same weights in half precision,
 * count as the same encoder.
 */
final class EncoderFingerprint {
  private static final String SENTENCE = "a photo of a red house by the sea, in oil";
  private static final int NUMBERS = 16;
  private static final double TOLERANCE = 0.03; // embeddings have a variance of about 1

  private EncoderFingerprint() {}

  /** The fingerprint as text, for a direction's provenance. */
  static String of(TextEncoder encoder) {
    try (Scope scope = Scope.open()) {
      float[] embedding = encoder.encode(ImmutableList.of(SENTENCE)).toFloats();
      int stride = embedding.length / NUMBERS + 1; // not a divisor, so that channels vary
      return IntStream.range(0, NUMBERS)
          .mapToObj(
              i -> String.format(Locale.ROOT, "%.4f", embedding[i * stride % embedding.length]))
          .collect(Collectors.joining(" "));
    }
  }

  /** Whether two fingerprints are of the same encoder. */
  static boolean match(String one, String other) {
    List<Double> a = numbers(one);
    List<Double> b = numbers(other);
    return a.size() == b.size()
        && IntStream.range(0, a.size())
            .allMatch(i -> Math.abs(a.get(i) - b.get(i)) <= TOLERANCE * (1 + Math.abs(a.get(i))));
  }

  private static List<Double> numbers(String text) {
    try {
      return Splitter.on(' ').splitToStream(text).map(Double::valueOf).toList();
    } catch (NumberFormatException e) {
      return List.of(Double.NaN); // matches nothing
    }
  }
}
