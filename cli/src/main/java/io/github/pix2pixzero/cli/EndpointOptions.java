package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.direction.ChatEndpoint;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where language models are asked. */
final class EndpointOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--chat-url",
      order = 28,
      paramLabel = "URL",
      description =
          "Where language models are, behind an OpenAI-compatible endpoint. Default:"
              + " OPENAI_BASE_URL, or http://localhost:11434/v1, Ollama's.")
  private URI url;

  @Option(
      names = "--chat-key-file",
      order = 28,
      paramLabel = "FILE",
      description = "File whose first line is the key, instead of OPENAI_API_KEY.")
  private Path keyFile;

  @Option(
      names = "--chat-timeout",
      order = 28,
      paramLabel = "SECONDS",
      description = "For one answer, of which there are up to 4 attempts. Default: 300.")
  private Integer timeout;

  /**
   * Refuses what makes no sense.
   *
   * @param asked whether a language model is asked at all
   */
  void checkUsage(boolean asked) {
    if (!asked && !(url == null && keyFile == null && timeout == null)) {
      throw new ParameterException(
          command.commandLine(),
          "--chat-url, --chat-key-file and --chat-timeout go with --chat-model or --captioner"
              + " endpoint");
    }
    if (timeout != null && timeout < 1) {
      throw new ParameterException(
          command.commandLine(), "--chat-timeout should be 1 or more, it is " + timeout);
    }
  }

  /** The endpoint of a language model. */
  ChatEndpoint of(String model) throws IOException {
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
