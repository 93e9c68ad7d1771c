package io.github.pix2pixzero.direction;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Sentences about a word from a language model behind an OpenAI-compatible chat endpoint, as the
 * paper took them from GPT-3 (Parmar et al., 2023, section 3.1). What was answered once is kept on
 * disk. The key goes into the request's header and nowhere else.
 */
public final class ChatSentences {
  /** Environment variable with the base URL, such as {@code https://api.openai.com/v1}. */
  public static final String BASE_URL = "OPENAI_BASE_URL";

  /** Environment variable with the key. */
  public static final String API_KEY = "OPENAI_API_KEY";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int REQUESTS_PER_SET = 4;
  private static final Pattern BULLET = Pattern.compile("^(\\d+[.)]|[-*•])\\s*");

  private final Settings settings;
  private final HttpClient client;

  /**
   * Where and how to ask.
   *
   * @param baseUrl what {@code /chat/completions} is appended to
   * @param key sent as a bearer token; empty where the server wants none
   * @param model name of the language model
   * @param timeout of one request
   * @param attempts how often a request is made before it counts as failed
   * @param pause before the second attempt, doubled before each later one
   * @param cache folder for the answers; it is made if it is missing
   */
  public record Settings(
      URI baseUrl,
      Optional<String> key,
      String model,
      Duration timeout,
      int attempts,
      Duration pause,
      Path cache) {

    public Settings {
      checkArgument(
          "http".equals(baseUrl.getScheme()) || "https".equals(baseUrl.getScheme()),
          "the base URL of a chat endpoint starts with http:// or https://, not %s",
          baseUrl);
      checkArgument(attempts >= 1, "at least one attempt is needed, not %s", attempts);
      checkNotNull(model, "model");
    }

    /**
     * A minute a request, four attempts, and base URL and key from the environment.
     *
     * @throws IllegalArgumentException if {@link #BASE_URL} is not set
     */
    public static Settings fromEnvironment(
        Map<String, String> environment, String model, Path cache) {
      String url = environment.get(BASE_URL);
      checkArgument(
          url != null, "there is no chat endpoint: set the environment variable %s", BASE_URL);
      return new Settings(
          URI.create(url),
          Optional.ofNullable(environment.get(API_KEY)),
          model,
          Duration.ofMinutes(1),
          4,
          Duration.ofSeconds(1),
          cache);
    }

    /** Does not show the key. */
    @Override
    public String toString() {
      return "%s at %s".formatted(model, baseUrl);
    }
  }

  public ChatSentences(Settings settings) {
    this.settings = settings;
    client = HttpClient.newBuilder().connectTimeout(settings.timeout()).build();
  }

  /**
   * Captions of pictures that show a word.
   *
   * @param count how many are wanted, at least 1
   * @return as many, all different and all with the word in them; from the cache if it has them
   * @throws IOException if the endpoint cannot be reached, refuses, or does not answer with enough
   *     sentences
   */
  public ImmutableList<String> about(String word, int count)
      throws IOException, InterruptedException {
    checkArgument(!word.isBlank(), "there are no sentences about a blank word");
    checkArgument(count >= 1, "at least one sentence is wanted, not %s", count);
    Path cached = settings.cache().resolve(cacheName(word, count));
    if (Files.exists(cached)) {
      return SentenceBank.read(cached);
    }
    Set<String> sentences = new LinkedHashSet<>();
    for (int i = 0; i < REQUESTS_PER_SET && sentences.size() < count; i++) {
      ask(word, count - sentences.size())
          .lines()
          .forEach(line -> addIfAbout(word, line, sentences));
    }
    if (sentences.size() < count) {
      throw new IOException(
          "%s gave %s usable sentences about %s, %s were wanted"
              .formatted(settings, sentences.size(), word, count));
    }
    ImmutableList<String> wanted =
        sentences.stream().limit(count).collect(ImmutableList.toImmutableList());
    Files.createDirectories(settings.cache());
    AtomicFiles.write(
        cached,
        out -> out.write((String.join("\n", wanted) + "\n").getBytes(StandardCharsets.UTF_8)));
    return wanted;
  }

  /** Without bullet, number or quotes; sentences that miss the word would blur the direction. */
  private static void addIfAbout(String word, String line, Set<String> sentences) {
    String sentence =
        CharMatcher.anyOf("\"“” ").trimFrom(BULLET.matcher(line.strip()).replaceFirst(""));
    if (sentence.toLowerCase(Locale.ROOT).contains(word.strip().toLowerCase(Locale.ROOT))) {
      sentences.add(sentence);
    }
  }

  /** The answer depends on all of this; the key does not enter. */
  private String cacheName(String word, int count) {
    String asked =
        String.join("\n", settings.baseUrl().toString(), settings.model(), word, "" + count);
    return "sentences-" + Hashing.sha256().hashString(asked, StandardCharsets.UTF_8) + ".txt";
  }

  private String ask(String word, int count) throws IOException, InterruptedException {
    String prompt =
        "Write %s different captions of pictures that show: %s. Each names it in these very words. One a line, no numbers."
            .formatted(count, word.strip());
    String body =
        JSON.writeValueAsString(
            Map.of(
                "model",
                settings.model(),
                "messages",
                ImmutableList.of(Map.of("role", "user", "content", prompt))));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(withoutSlash(settings.baseUrl()) + "/chat/completions"))
            .timeout(settings.timeout())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    settings.key().ifPresent(key -> request.header("Authorization", "Bearer " + key));
    return content(send(request.build()));
  }

  private static String withoutSlash(URI url) {
    return CharMatcher.is('/').trimTrailingFrom(url.toString());
  }

  /** Tries again where that can help: no answer, too many requests, an error of the server. */
  private String send(HttpRequest request) throws IOException, InterruptedException {
    Duration pause = settings.pause();
    for (int attempt = 1; ; attempt++) {
      String failure;
      IOException cause = null;
      try {
        HttpResponse<String> response =
            client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        int status = response.statusCode();
        if (status == 200) {
          return response.body();
        }
        failure = "answered with status " + status;
        if (status != 408 && status != 429 && status < 500) {
          throw new IOException(settings + " " + failure + hint(status));
        }
      } catch (HttpTimeoutException e) {
        failure = "did not answer within " + settings.timeout().toMillis() + " ms";
        cause = e;
      } catch (ConnectException e) {
        failure = "cannot be reached";
        cause = e;
      }
      if (attempt == settings.attempts()) {
        throw new IOException(settings + " " + failure + ", in " + attempt + " attempts", cause);
      }
      Thread.sleep(pause.toMillis());
      pause = pause.multipliedBy(2);
    }
  }

  private static String hint(int status) {
    return status == 401 || status == 403 ? "; is " + API_KEY + " right?" : "";
  }

  private String content(String body) throws IOException {
    try {
      JsonNode content =
          JSON.readTree(body).path("choices").path(0).path("message").path("content");
      if (content.isTextual()) {
        return content.textValue();
      }
    } catch (JacksonException e) {
      throw new IOException(settings + " did not answer with JSON", e);
    }
    throw new IOException(settings + " answered without choices[0].message.content");
  }
}
