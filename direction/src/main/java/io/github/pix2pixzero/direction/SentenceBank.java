package io.github.pix2pixzero.direction;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Where the sentences about a word come from: a template bank, or files. */
public final class SentenceBank {
  private static final ImmutableList<String> MEDIA =
      ImmutableList.of("a photo of", "a sketch of", "an oil painting of");
  private static final ImmutableList<String> ADJECTIVES =
      ImmutableList.of("", "white", "black", "gray", "brown", "orange");
  private static final ImmutableList<String> PLACES =
      ImmutableList.of(
          "",
          "in a meadow",
          "on a beach",
          "in the snow",
          "in the desert",
          "in the city",
          "at night");

  private SentenceBank() {}

  /**
   * Sentences about a noun or noun phrase: every medium, with an adjective or without, in every
   * place. The k-th sentences about two words differ in the word alone, so that all else cancels in
   * the difference of their means.
   *
   * @throws IllegalArgumentException if the word is blank: a tokenizer makes nothing of it
   */
  public static ImmutableList<String> about(String word) {
    String noun = noun(word);
    ImmutableList.Builder<String> sentences = ImmutableList.builder();
    for (String medium : MEDIA) {
      for (String adjective : ADJECTIVES) {
        for (String place : PLACES) {
          String what = (adjective + " " + noun).strip();
          sentences.add((medium + " " + withArticle(what) + " " + place).strip());
        }
      }
    }
    return sentences.build();
  }

  /**
   * A caption for a picture of which nothing but the subject is known.
   *
   * @throws IllegalArgumentException if the word is blank
   */
  public static String caption(String word) {
    return MEDIA.get(0) + " " + withArticle(noun(word));
  }

  /**
   * Reads a file of one sentence a line; blank lines do not count.
   *
   * @throws IOException if there is no such file, it is not UTF-8 text, or holds no sentence
   */
  public static ImmutableList<String> read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a folder, not a file of sentences");
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new IOException("no such file of sentences: " + file, e);
    } catch (MalformedInputException e) {
      throw new IOException(file + " is not a UTF-8 text file of sentences", e);
    }
    ImmutableList<String> sentences =
        lines.stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .collect(ImmutableList.toImmutableList());
    if (sentences.isEmpty()) {
      throw new IOException(file + " holds no sentence");
    }
    return sentences;
  }

  private static String noun(String word) {
    String noun = CharMatcher.whitespace().trimFrom(word);
    checkArgument(!noun.isEmpty(), "there are no sentences about a blank word");
    return noun;
  }

  private static String withArticle(String phrase) {
    return ("aeiouAEIOU".indexOf(phrase.charAt(0)) >= 0 ? "an " : "a ") + phrase;
  }
}
