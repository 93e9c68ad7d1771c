package io.github.pix2pixzero.direction;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

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

  private static final ImmutableList<String> THINGS =
      ImmutableList.of(
          "cat", "dog", "horse", "bird", "man", "woman", "house", "car", "tree", "boat");

  private static final ImmutableSet<String> STYLES =
      ImmutableSet.of(
          "photo",
          "photograph",
          "painting",
          "sketch",
          "drawing",
          "watercolor",
          "watercolour",
          "cartoon",
          "anime",
          "comic",
          "illustration",
          "engraving",
          "etching",
          "render",
          "rendering",
          "sculpture",
          "mosaic",
          "poster",
          "style",
          "art");
  private static final ImmutableSet<String> AFTER =
      ImmutableSet.of(
          "with", "without", "wearing", "in", "on", "at", "by", "near", "under", "made", "holding",
          "riding", "covered");
  private static final ImmutableSet<String> BEFORE =
      ImmutableSet.of(
          "white", "black", "gray", "grey", "brown", "orange", "red", "green", "blue", "yellow",
          "purple", "pink", "golden", "silver", "wooden", "old", "young", "big", "small", "happy",
          "sad", "wet", "furry");

  private SentenceBank() {}

  /** What a word or phrase is to a sentence. */
  public enum Kind {
    /** What is shown: cat, dog with sunglasses. */
    NOUN,
    /** What it is like: white, made of wood. */
    ADJECTIVE,
    /** How it is shown: oil painting, sketch. */
    STYLE;

    /**
     * A guess. A phrase that ends in the name of a medium is a style; one that starts with a
     * preposition or a participle, or is a well-known colour, is like an adjective; all else is a
     * noun.
     */
    public static Kind of(String word) {
      List<String> words = Splitter.on(CharMatcher.whitespace()).splitToList(noun(word));
      String first = words.get(0).toLowerCase(Locale.ROOT);
      String last = words.get(words.size() - 1).toLowerCase(Locale.ROOT);
      if (STYLES.contains(last)) {
        return STYLE;
      }
      return BEFORE.contains(last) || AFTER.contains(first) ? ADJECTIVE : NOUN;
    }
  }

  /** Sentences about a word or phrase of the kind that it seems to be. */
  public static ImmutableList<String> about(String word) {
    return about(word, Kind.of(word));
  }

  /**
   * Sentences about a word or phrase, in every medium, with every adjective or about every thing,
   * and in every place. The k-th sentences about two words of a kind differ in the word alone, so
   * that all else cancels in the difference of their means.
   *
   * @throws IllegalArgumentException if the word is blank: a tokenizer makes nothing of it
   */
  public static ImmutableList<String> about(String word, Kind kind) {
    String phrase = noun(word);
    boolean after = AFTER.contains(Splitter.on(' ').split(phrase).iterator().next());
    ImmutableList.Builder<String> sentences = ImmutableList.builder();
    List<String> media = kind == Kind.STYLE ? ImmutableList.of(withArticle(phrase) + " of") : MEDIA;
    for (String medium : media) {
      for (String outer : kind == Kind.NOUN ? ADJECTIVES : THINGS) {
        for (String place : PLACES) {
          String what =
              switch (kind) {
                case NOUN -> outer + " " + phrase;
                case ADJECTIVE -> after ? outer + " " + phrase : phrase + " " + outer;
                case STYLE -> outer;
              };
          sentences.add((medium + " " + withArticle(what.strip()) + " " + place).strip());
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
   * Reads sentences, one a line; blank lines do not count. Of a folder, its {@code .txt} files are
   * read in the order of their names.
   *
   * @throws IOException if there is no such file, it is not UTF-8 text, or holds no sentence
   */
  public static ImmutableList<String> read(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return readFile(path);
    }
    ImmutableList.Builder<String> sentences = ImmutableList.builder();
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(path, "*.txt")) {
      found.forEach(files::add);
    }
    if (files.isEmpty()) {
      throw new IOException("the folder " + path + " holds no .txt file of sentences");
    }
    Collections.sort(files);
    for (Path file : files) {
      sentences.addAll(readFile(file));
    }
    return sentences.build();
  }

  private static ImmutableList<String> readFile(Path file) throws IOException {
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
