package io.github.pix2pixzero.clip;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds special tokens in text: leftmost first, and the longest where several begin. */
final class SpecialTokenFinder {
  static final int PLAIN = -1;

  /** A part of a text: a special token's id, or {@link #PLAIN}. */
  record Segment(String text, int id) {}

  private final List<Segment> tokens;

  SpecialTokenFinder(List<Segment> tokens) {
    this.tokens =
        tokens.stream()
            .sorted(Comparator.comparingInt((Segment token) -> token.text().length()).reversed())
            .toList();
  }

  /** A finder of these and more. */
  SpecialTokenFinder with(List<Segment> more) {
    return new SpecialTokenFinder(
        Stream.concat(tokens.stream(), more.stream()).collect(Collectors.toList()));
  }

  List<Segment> split(String text) {
    List<Segment> segments = new ArrayList<>();
    int plainFrom = 0;
    int at = 0;
    while (at < text.length()) {
      Segment found = startingAt(text, at);
      if (found == null) {
        at++;
        continue;
      }
      addPlain(segments, text.substring(plainFrom, at));
      segments.add(found);
      at += found.text().length();
      plainFrom = at;
    }
    addPlain(segments, text.substring(plainFrom));
    return segments;
  }

  private Segment startingAt(String text, int at) {
    for (Segment token : tokens) {
      if (text.startsWith(token.text(), at)) {
        return token;
      }
    }
    return null;
  }

  private static void addPlain(List<Segment> segments, String text) {
    if (!text.isEmpty()) {
      segments.add(new Segment(text, PLAIN));
    }
  }
}
