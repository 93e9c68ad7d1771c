package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Weights of words as stable-diffusion-webui (A1111) writes them: {@code (word)} counts 1.1 times,
 * {@code [word]} 1 / 1.1 times, {@code (word:1.3)} 1.3 times; brackets multiply inside one another,
 * one that is not closed lasts to the end, and a backslash makes the next one a character. Agrees
 * with its {@code parse_prompt_attention}, but for {@code BREAK}, which is a word here.
 */
final class PromptWeights {
  private static final double ROUND = 1.1;
  private static final double SQUARE = 1 / 1.1;

  private static final Pattern MARKS =
      Pattern.compile(
          "\\\\[()\\[\\]\\\\]|\\\\|\\(|\\[|:\\s*([+-]?[.\\d]+)\\s*\\)|\\)|]|[^\\\\()\\[\\]:]+|:");

  /** A part of a prompt whose words have one weight. */
  record Piece(String text, double weight) {}

  private final List<Piece> pieces = new ArrayList<>();
  private final Deque<Integer> round = new ArrayDeque<>();
  private final Deque<Integer> square = new ArrayDeque<>();

  private PromptWeights() {}

  /**
   * The parts of a prompt, in order; neighbours differ in their weights.
   *
   * @throws IllegalArgumentException if a weight is no number, such as 1.2.3
   */
  static List<Piece> parse(String prompt) {
    PromptWeights weights = new PromptWeights();
    Matcher mark = MARKS.matcher(prompt);
    while (mark.find()) {
      weights.take(mark.group(), mark.group(1), prompt);
    }
    weights.round.forEach(start -> weights.multiply(start, ROUND));
    weights.square.forEach(start -> weights.multiply(start, SQUARE));
    return merged(weights.pieces);
  }

  private void take(String mark, String weight, String prompt) {
    if (mark.startsWith("\\")) {
      pieces.add(new Piece(mark.substring(1), 1));
    } else if (mark.equals("(")) {
      round.push(pieces.size());
    } else if (mark.equals("[")) {
      square.push(pieces.size());
    } else if (weight != null && !round.isEmpty()) {
      multiply(round.pop(), number(weight, prompt));
    } else if (mark.equals(")") && !round.isEmpty()) {
      multiply(round.pop(), ROUND);
    } else if (mark.equals("]") && !square.isEmpty()) {
      multiply(square.pop(), SQUARE);
    } else {
      pieces.add(new Piece(mark, 1));
    }
  }

  private static double number(String text, String prompt) {
    double number;
    try {
      number = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      number = Double.NaN;
    }
    checkArgument(
        Double.isFinite(number), "the weight %s in \"%s\" should be a number", text, prompt);
    return number;
  }

  private void multiply(int start, double factor) {
    pieces
        .subList(start, pieces.size())
        .replaceAll(piece -> new Piece(piece.text(), piece.weight() * factor));
  }

  private static List<Piece> merged(List<Piece> pieces) {
    List<Piece> merged = new ArrayList<>();
    for (Piece piece : pieces) {
      int last = merged.size() - 1;
      if (last >= 0 && merged.get(last).weight() == piece.weight()) {
        merged.set(last, new Piece(merged.get(last).text() + piece.text(), piece.weight()));
      } else {
        merged.add(piece);
      }
    }
    return merged;
  }
}
