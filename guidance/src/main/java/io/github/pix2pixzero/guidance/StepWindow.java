package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import java.util.List;

/**
 * A stretch of an edit's steps, as shares of them counted from the noise.
 *
 * @param from where it begins, 0 at the noise
 * @param to where it ends, 1 at the picture; not less than {@code from}
 */
public record StepWindow(double from, double to) {
  public StepWindow {
    checkArgument(
        from >= 0 && from <= to && to <= 1,
        "a window of steps should go from 0 or more to 1 or less, it is %s..%s",
        from,
        to);
  }

  /** From the noise on. */
  public static StepWindow until(double share) {
    return new StepWindow(0, share);
  }

  /**
   * Reads {@code 0.8}, which begins at the noise, or {@code 0.1..0.5}.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static StepWindow parse(String text) {
    List<String> bounds = Splitter.on("..").trimResults().splitToList(text);
    try {
      double last = Double.parseDouble(bounds.get(bounds.size() - 1));
      if (bounds.size() == 1) {
        return until(last);
      }
      if (bounds.size() == 2) {
        return new StepWindow(Double.parseDouble(bounds.get(0)), last);
      }
    } catch (NumberFormatException e) {
      // falls through to the message that shows both forms
    }
    throw new IllegalArgumentException(
        "a window of steps is written like 0.8 or 0.1..0.5, not \"%s\"".formatted(text));
  }

  /** Of all steps, about. */
  double share() {
    return to - from;
  }

  /** Whether a step lies within, of so many; both ends are rounded down. */
  boolean contains(int step, int steps) {
    return step >= (int) (from * steps) && step < (int) (to * steps);
  }

  @Override
  public String toString() {
    return from + ".." + to;
  }
}
