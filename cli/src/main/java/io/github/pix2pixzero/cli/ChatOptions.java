package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.direction.ChatSentences;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A language model that writes the sentences about words. */
final class ChatOptions {
  private static final int ATTEMPTS = 4;
  private static final Duration PAUSE = Duration.ofSeconds(1);

  @Option(
      names = "--chat-model",
      order = 17,
      paramLabel = "NAME",
      description = {
        "With words: let this language model write their sentences, behind an OpenAI-compatible",
        "endpoint. Its key is taken from OPENAI_API_KEY."
      })
  private String model;

  @Option(
      names = "--chat-url",
      order = 17,
      paramLabel = "URL",
      description = "Where it is, such as http://localhost:8080/v1. Default: OPENAI_BASE_URL.")
  private URI url;

  @Option(
      names = "--chat-key-file",
      order = 17,
      paramLabel = "FILE",
      description = "File whose first line is the key, instead of OPENAI_API_KEY.")
  private Path keyFile;

  @Option(
      names = "--chat-sentences",
      order = 17,
      paramLabel = "N",
      description = "How many sentences a word. Default: 100.")
  private Integer count;

  @Option(
      names = "--chat-timeout",
      order = 17,
      paramLabel = "SECONDS",
      description = "For one answer, of which there are up to 4 attempts. Default: 60.")
  private Integer timeout;

  boolean isWanted() {
    return model != null;
  }

  void checkUsage(ModelCommand command) {
    command.require(
        model != null || (url == null && keyFile == null && count == null && timeout == null),
        "--chat-url, --chat-key-file, --chat-sentences and --chat-timeout go with --chat-model");
    command.require(
        model == null || url != null || System.getenv(ChatSentences.BASE_URL) != null,
        "--chat-model needs --chat-url, or the environment variable " + ChatSentences.BASE_URL);
    command.require(
        count == null || (count >= 1 && count <= 1000),
        "--chat-sentences should be 1 to 1000, it is " + count);
    command.require(
        timeout == null || timeout >= 1, "--chat-timeout should be 1 or more, it is " + timeout);
  }

  /**
   * Sentences about a word.
   *
   * @param cache folder for the answers
   */
  ImmutableList<String> about(String word, Path cache) throws IOException {
    Map<String, String> environment = System.getenv();
    ChatSentences.Settings settings =
        new ChatSentences.Settings(
            url == null ? URI.create(environment.get(ChatSentences.BASE_URL)) : url,
            keyFile == null
                ? Optional.ofNullable(environment.get(ChatSentences.API_KEY))
                : Optional.of(key()),
            model,
            Duration.ofSeconds(timeout == null ? 60 : timeout),
            ATTEMPTS,
            PAUSE,
            cache);
    try {
      return new ChatSentences(settings).about(word, count == null ? 100 : count);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + settings + " was asked");
    }
  }

  private String key() throws IOException {
    String key = Files.readString(keyFile).lines().findFirst().orElse("").strip();
    if (key.isEmpty()) {
      throw new IOException(keyFile + " holds no key: its first line is empty");
    }
    return key;
  }
}
