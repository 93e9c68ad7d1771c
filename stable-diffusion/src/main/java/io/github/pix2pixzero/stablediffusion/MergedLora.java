package io.github.pix2pixzero.stablediffusion;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A LoRA that has been merged into a model.
 *
 * @param name of its file, without folders and ending
 * @param hash 12 hexadecimal digits of the SHA-256 of its weights, as A1111 writes it
 * @param weight how much of it
 */
public record MergedLora(String name, String hash, double weight) {
  private static final Pattern TEXT = Pattern.compile("(.+) ([0-9a-f]+) (\\S+)");

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  static MergedLora of(String text) {
    Matcher matcher = TEXT.matcher(text);
    checkArgument(matcher.matches(), "expected a LoRA's name, hash and weight, not \"%s\"", text);
    return new MergedLora(matcher.group(1), matcher.group(2), Double.parseDouble(matcher.group(3)));
  }

  /** Without the name, to be compared. */
  String content() {
    return hash + " " + weight;
  }

  @Override
  public String toString() {
    return "%s %s %s".formatted(name, hash, weight);
  }
}
