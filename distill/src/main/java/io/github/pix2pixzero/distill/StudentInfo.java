package io.github.pix2pixzero.distill;

import com.google.common.collect.ImmutableMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a student's file says of it.
 *
 * @param config its form
 * @param metadata all that was noted, by name: {@value #FROM}, {@value #TO}, {@value #TEACHER} and
 *     {@code score_...}, as far as they are known
 */
public record StudentInfo(StudentConfig config, ImmutableMap<String, String> metadata) {
  /** What it changes. */
  public static final String FROM = "from";

  /** What it makes of it. */
  public static final String TO = "to";

  /** The diffusion model that it learned from. */
  public static final String TEACHER = "teacher";

  /** Steps of its training. */
  public static final String STEPS = "steps";

  /** Pairs that it was trained on. */
  public static final String PAIRS = "pairs";

  private static final String SCORE = "score_";

  /** The word that it changes. */
  public Optional<String> from() {
    return Optional.ofNullable(metadata.get(FROM));
  }

  /** The word that it is changed to. */
  public Optional<String> to() {
    return Optional.ofNullable(metadata.get(TO));
  }

  static void putScores(Map<String, String> metadata, HeldOutScores scores) {
    metadata.put(SCORE + "held_out_pairs", Integer.toString(scores.pairs()));
    metadata.put(SCORE + "inside", number(scores.inside()));
    metadata.put(SCORE + "outside", number(scores.outside()));
    metadata.put(SCORE + "residue", number(scores.residue()));
    metadata.put(SCORE + "sharpness", number(scores.sharpness()));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
