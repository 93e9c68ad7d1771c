package io.github.pix2pixzero.direction;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * A language model behind an OpenAI-compatible chat endpoint: Ollama, LM Studio, llama.cpp, vLLM,
 * OpenAI. Tries again where that can help. The key goes into the request's header and nowhere else:
 * not into messages, and not to where a redirect points, which is not followed.
 */
public final class ChatEndpoint implements Chat {
  /** Environment variable with the base URL, such as {@code https://api.openai.com/v1}. */
  public static final String BASE_URL = "OPENAI_BASE_URL";

  /** Environment variable with the key. */
  public static final String API_KEY = "OPENAI_API_KEY";

  /** Where Ollama listens. */
  public static final URI LOCAL = URI.create("http://localhost:11434/v1");

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
  private static final int MOST_BYTES = 4 << 20;
  private static final int MOST_OF_A_REASON = 200;

  /** What some models think before they answer. */
  private static final Pattern THOUGHTS = Pattern.compile("(?s)^\\s*<think>.*?</think>\\s*");

  private final Settings settings;
  private final HttpClient client;

  /**
   * Where and how to ask.
   *
   * @param baseUrl what {@code /chat/completions} is appended to
   * @param key sent as a bearer token; empty where the server wants none
   * @param model name of the language model
   * @param timeout of one attempt, to the last byte of its answer
   * @param attempts how often a request is made before it counts as failed
   * @param pause before the second attempt, doubled before each later one, and varied by half so
   *     that clients who failed together do not come back together; where the server says when to
   *     come back, that counts
   */
  public record Settings(
      URI baseUrl,
      Optional<String> key,
      String model,
      Duration timeout,
      int attempts,
      Duration pause) {

    public Settings {
      checkArgument(
          "http".equals(baseUrl.getScheme()) || "https".equals(baseUrl.getScheme()),
          "the base URL of a chat endpoint starts with http:// or https://, not %s",
          baseUrl);
      checkArgument(attempts >= 1, "at least one attempt is needed, not %s", attempts);
      checkNotNull(model, "model");
    }

    /** Five minutes an attempt, of which there are four. */
    public static Settings of(URI baseUrl, Optional<String> key, String model) {
      return new Settings(baseUrl, key, model, Duration.ofMinutes(5), 4, Duration.ofSeconds(1));
    }

    /**
     * Base URL and key from {@link #BASE_URL} and {@link #API_KEY}. Without a base URL it is {@link
     * #LOCAL}, which is not given the key: it was meant for somebody else.
     */
    public static Settings fromEnvironment(Map<String, String> environment, String model) {
      String url = environment.get(BASE_URL);
      return url == null
          ? of(LOCAL, Optional.empty(), model)
          : of(URI.create(url), Optional.ofNullable(environment.get(API_KEY)), model);
    }

    /** Another time-out. */
    public Settings withTimeout(Duration other) {
      return new Settings(baseUrl, key, model, other, attempts, pause);
    }

    /** Does not show the key. */
    @Override
    public String toString() {
      return "%s at %s".formatted(model, baseUrl);
    }
  }

  public ChatEndpoint(Settings settings) {
    this.settings = settings;
    client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /**
   * Asks a question.
   *
   * @throws IOException if the endpoint cannot be reached, refuses, or answers with something else
   *     than a text, or with more than 4 MiB
   */
  @Override
  public String answer(String prompt) throws IOException, InterruptedException {
    return ask(prompt);
  }

  /**
   * Asks a question about a picture, which a model with vision is needed for.
   *
   * @param picture a file's bytes
   * @param type of the file, such as {@code image/jpeg}
   * @throws IOException as {@link #answer(String)} does
   */
  public String answer(String prompt, byte[] picture, String type)
      throws IOException, InterruptedException {
    String url = "data:%s;base64,%s".formatted(type, Base64.getEncoder().encodeToString(picture));
    return ask(
        ImmutableList.of(
            Map.of("type", "text", "text", prompt),
            Map.of("type", "image_url", "image_url", Map.of("url", url))));
  }

  /** Model and base URL. */
  @Override
  public String toString() {
    return settings.toString();
  }

  private String ask(Object content) throws IOException, InterruptedException {
    String body =
        JSON.writeValueAsString(
            Map.of(
                "model",
                settings.model(),
                "messages",
                ImmutableList.of(Map.of("role", "user", "content", content))));
    String base = CharMatcher.is('/').trimTrailingFrom(settings.baseUrl().toString());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/chat/completions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    settings.key().ifPresent(key -> request.header("Authorization", "Bearer " + key));
    return text(send(request.build(), new SplittableRandom(body.hashCode())));
  }

  /** Tries again where that can help: no answer, too many requests, an error of the server. */
  private byte[] send(HttpRequest request, SplittableRandom random)
      throws IOException, InterruptedException {
    Duration pause = settings.pause();
    for (int attempt = 1; ; attempt++) {
      Duration wait =
          pause.dividedBy(2).plus(Duration.ofMillis(random.nextLong(pause.toMillis() + 1)));
      String failure;
      IOException cause = null;
      try {
        HttpResponse<byte[]> response = exchange(request);
        int status = response.statusCode();
        if (status == 200) {
          return response.body();
        }
        failure = "answered with status " + status + reason(response);
        if (status != 408 && status != 429 && status < 500) {
          throw new RefusedException(settings + " " + failure);
        }
        wait = retryAfter(response).orElse(wait);
      } catch (RefusedException e) {
        throw e;
      } catch (TimeoutException e) {
        failure = "did not answer within " + settings.timeout().toMillis() + " ms";
      } catch (ConnectException e) {
        failure = "cannot be reached; is it running?";
        cause = e;
      } catch (IOException e) {
        failure = "did not answer: " + e.getMessage();
        cause = e;
      }
      if (attempt == settings.attempts() || wait.compareTo(settings.timeout()) > 0) {
        throw new IOException(settings + " " + failure + ", in " + attempt + " attempts", cause);
      }
      Thread.sleep(wait.toMillis());
      pause = pause.multipliedBy(2);
    }
  }

  /** One attempt. The client's own time-out would end at the answer's headers. */
  private HttpResponse<byte[]> exchange(HttpRequest request)
      throws IOException, InterruptedException, TimeoutException {
    CompletableFuture<HttpResponse<byte[]>> response =
        client.sendAsync(request, head -> new LimitedBody(MOST_BYTES));
    try {
      return response.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException) {
        throw (IOException) e.getCause();
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      response.cancel(true);
    }
  }

  /** What a server says about when to come back: in seconds, or as a date (RFC 9110, 10.2.3). */
  private static Optional<Duration> retryAfter(HttpResponse<?> response) {
    Optional<String> header = response.headers().firstValue("Retry-After");
    if (header.isEmpty()) {
      return Optional.empty();
    }
    String when = header.get().strip();
    try {
      return Optional.of(
          CharMatcher.inRange('0', '9').matchesAllOf(when)
              ? Duration.ofSeconds(Long.parseLong(when))
              : Duration.between(
                  ZonedDateTime.now(),
                  ZonedDateTime.parse(when, DateTimeFormatter.RFC_1123_DATE_TIME)));
    } catch (DateTimeException | NumberFormatException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  /** What the server says of a failure, which may have the key in it. */
  private String reason(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    if (status == 401 || status == 403) {
      return "; is " + API_KEY + " right?";
    }
    if (status >= 300 && status < 400) {
      return ", a redirect; is the URL right?";
    }
    JsonNode message;
    try {
      message = JSON.readTree(response.body()).path("error").path("message");
    } catch (IOException e) {
      return "";
    }
    String said = message.asText().replaceAll("\\s+", " ");
    String text = settings.key().map(key -> said.replace(key, "…")).orElse(said);
    return text.isEmpty()
        ? ""
        : ": " + text.substring(0, Math.min(text.length(), MOST_OF_A_REASON));
  }

  private String text(byte[] body) throws IOException {
    if (body.length > MOST_BYTES) {
      throw new IOException(settings + " answered with more than 4 MiB");
    }
    try {
      JsonNode content =
          JSON.readTree(body).path("choices").path(0).path("message").path("content");
      if (content.isTextual()) {
        return THOUGHTS.matcher(content.textValue()).replaceFirst("");
      }
    } catch (JacksonException e) {
      throw new IOException(settings + " did not answer with JSON", e);
    }
    throw new IOException(settings + " answered without choices[0].message.content");
  }

  /** An answer that another attempt would get again. */
  private static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message);
    }
  }
}
