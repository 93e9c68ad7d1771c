package io.github.pix2pixzero.direction;

import java.io.IOException;
import java.util.List;

/**
 * Where sentences about a word come from. Any language model is one: with LangChain4j {@code new
 * ChatSentences(model::chat)}, with Spring AI {@code new ChatSentences(model::call)}.
 */
@FunctionalInterface
public interface SentenceSource {
  /**
   * Captions of pictures that show a word.
   *
   * @param count how many are wanted, at least 1
   * @return as many, all different and all with the word in them
   * @throws IOException if there are not so many, or the source cannot be reached
   */
  List<String> about(String word, int count) throws IOException, InterruptedException;
}
