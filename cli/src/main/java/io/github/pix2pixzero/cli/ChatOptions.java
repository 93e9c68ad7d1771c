package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.direction.CachedSentences;
import io.github.pix2pixzero.direction.ChatEndpoint;
import io.github.pix2pixzero.direction.ChatSentences;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** A language model that writes the sentences about words. */
final class ChatOptions {
  @Option(
      names = "--chat-model",
      order = 17,
      paramLabel = "NAME",
      description = "With words: let this language model write their sentences.")
  private String model;

  @Option(
      names = "--chat-sentences",
      order = 17,
      paramLabel = "N",
      description = "How many sentences a word. Default: 100.")
  private Integer count;

  boolean isWanted() {
    return model != null;
  }

  void checkUsage(ModelCommand command) {
    command.require(model != null || count == null, "--chat-sentences goes with --chat-model");
    command.require(
        count == null || (count >= 1 && count <= 1000),
        "--chat-sentences should be 1 to 1000, it is " + count);
  }

  /**
   * Sentences about a word.
   *
   * @param cache folder for the answers
   */
  ImmutableList<String> about(String word, EndpointOptions endpoints, Path cache)
      throws IOException {
    ChatEndpoint endpoint = endpoints.of(model);
    try {
      return new CachedSentences(new ChatSentences(endpoint), endpoint.toString(), cache)
          .about(word, count == null ? 100 : count);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + endpoint + " was asked");
    }
  }
}
