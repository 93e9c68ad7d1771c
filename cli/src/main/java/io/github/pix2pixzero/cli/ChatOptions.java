package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.direction.CachedSentences;
import io.github.pix2pixzero.direction.ChatEndpoint;
import io.github.pix2pixzero.direction.ChatSentences;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** A language model that writes the sentences about words. */
final class ChatOptions {
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
      description =
          "Where it is. Default: OPENAI_BASE_URL, or http://localhost:11434/v1, Ollama's.")
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
      description = "For one answer, of which there are up to 4 attempts. Default: 300.")
  private Integer timeout;

  boolean isWanted() {
    return model != null;
  }

  void checkUsage(ModelCommand command) {
    command.require(
        model != null || (url == null && keyFile == null && count == null && timeout == null),
        "--chat-url, --chat-key-file, --chat-sentences and --chat-timeout go with --chat-model");
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
    ChatEndpoint endpoint = endpoint();
    try {
      return new CachedSentences(new ChatSentences(endpoint), endpoint.toString(), cache)
          .about(word, count == null ? 100 : count);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + endpoint + " was asked");
    }
  }

  private ChatEndpoint endpoint() throws IOException {
    Map<String, String> environment = new HashMap<>(System.getenv());
    if (url != null) {
      environment.put(ChatEndpoint.BASE_URL, url.toString());
    }
    if (keyFile != null) {
      environment.put(ChatEndpoint.API_KEY, key());
      environment.putIfAbsent(ChatEndpoint.BASE_URL, ChatEndpoint.LOCAL.toString());
    }
    ChatEndpoint.Settings settings = ChatEndpoint.Settings.fromEnvironment(environment, model);
    return new ChatEndpoint(
        timeout == null ? settings : settings.withTimeout(Duration.ofSeconds(timeout)));
  }

  private String key() throws IOException {
    String key = Files.readString(keyFile).lines().findFirst().orElse("").strip();
    if (key.isEmpty()) {
      throw new IOException(keyFile + " holds no key: its first line is empty");
    }
    return key;
  }
}
