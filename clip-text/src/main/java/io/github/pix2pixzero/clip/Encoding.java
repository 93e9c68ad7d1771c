package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A tokenized prompt. Positions count from the begin token, which is at 0, as columns of a
 * cross-attention map do.
 *
 * @param text the prompt as cleaned; the ranges of tokens refer to it
 * @param tokens begin, the prompt's tokens as far as they fit, end; no padding
 * @param truncated the part of the cleaned text whose tokens did not fit; empty if all did
 */
public record Encoding(String text, List<Token> tokens, String truncated) {

  /**
   * One token and the characters of the cleaned text it stands for, {@code [start, end)}. Begin and
   * end stand for none. A character outside ASCII may be spread over several tokens; each then has
   * the whole of it.
   *
   * @param weight how much it counts, 1 unless the prompt says otherwise and its weights are read
   */
  public record Token(int id, int start, int end, double weight) {
    /** A token that counts as it is. */
    public Token(int id, int start, int end) {
      this(id, start, end, 1);
    }
  }

  public Encoding {
    tokens = ImmutableList.copyOf(tokens);
  }

  /** The ids of all tokens, begin and end included, without padding. */
  public int[] ids() {
    return tokens.stream().mapToInt(Token::id).toArray();
  }

  /** Whether a token counts more or less than by itself. */
  public boolean isWeighted() {
    return tokens.stream().anyMatch(token -> token.weight() != 1);
  }

  /** Whether tokens were left out because the prompt is longer than the model takes. */
  public boolean isTruncated() {
    return !truncated.isEmpty();
  }

  /**
   * The characters of the cleaned text that the token at a position stands for.
   *
   * @throws IndexOutOfBoundsException if there is no such position
   */
  public String piece(int position) {
    Token token = tokens.get(position);
    return text.substring(token.start, token.end);
  }

  /**
   * The positions of the tokens that stand for any of the characters {@code [start, end)} of the
   * cleaned text, ascending.
   *
   * @throws IllegalArgumentException if the range is not within the text
   */
  public int[] positions(int start, int end) {
    checkArgument(
        0 <= start && start <= end && end <= text.length(),
        "range [%s, %s) of a text of %s characters",
        start,
        end,
        text.length());
    return IntStream.range(0, tokens.size())
        .filter(i -> Math.max(tokens.get(i).start, start) < Math.min(tokens.get(i).end, end))
        .toArray();
  }
}
