package io.github.pix2pixzero.direction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server of this process that answers what each test tells it to. */
class ChatSentencesTest {
  private static final String KEY = "key-that-nobody-may-see";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  private final Deque<Answer> answers = new ArrayDeque<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private HttpServer server;

  private record Answer(int status, String body, long delayMillis) {}

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          requests.add(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
          Answer answer = answers.size() > 1 ? answers.poll() : answers.peek();
          try {
            Thread.sleep(answer.delayMillis());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer.status(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void asksOnceAndThenReadsTheCache() throws Exception {
    says("1. a cat on a sofa\n- \"two cats\"\n\na dog\na cat on a sofa\n* The Cat sleeps");
    ChatSentences chat = new ChatSentences(settings(Duration.ofSeconds(10), 1));
    assertThat(chat.about("cat", 3))
        .containsExactly("a cat on a sofa", "two cats", "The Cat sleeps");
    assertThat(chat.about("cat", 3))
        .containsExactly("a cat on a sofa", "two cats", "The Cat sleeps");
    assertThat(requests).hasSize(1);
    assertThat(authorizations).containsExactly("Bearer " + KEY);
    assertThat(JSON.readTree(requests.get(0)).path("model").asText()).isEqualTo("a-model");
    assertThat(requests.get(0)).contains("3 different captions", "cat");
  }

  @Test
  void asksAgainForWhatIsMissing() throws Exception {
    says("a cat");
    says("a black cat\na white cat");
    assertThat(new ChatSentences(settings(Duration.ofSeconds(10), 1)).about("cat", 3))
        .containsExactly("a cat", "a black cat", "a white cat");
  }

  @Test
  void triesAgainAfterErrorsThatPass() throws Exception {
    answers.add(new Answer(503, "", 0));
    answers.add(new Answer(429, "", 0));
    says("a cat");
    assertThat(new ChatSentences(settings(Duration.ofSeconds(10), 3)).about("cat", 1))
        .containsExactly("a cat");
    assertThat(requests).hasSize(3);
  }

  @Test
  void saysWhatWentWrongAndNeverTheKey() {
    answers.add(new Answer(401, "{\"error\": \"no key " + KEY + "\"}", 0));
    assertThatIOException()
        .isThrownBy(() -> new ChatSentences(settings(Duration.ofSeconds(10), 3)).about("cat", 1))
        .withMessageContaining("answered with status 401; is OPENAI_API_KEY right?")
        .satisfies(e -> assertThat(e.toString()).doesNotContain(KEY));
    assertThat(requests).hasSize(1);
    assertThat(settings(Duration.ofSeconds(1), 1).toString()).doesNotContain(KEY);
  }

  @Test
  void givesUpOnAServerThatDoesNotAnswerInTime() {
    answers.add(new Answer(200, "", 2000));
    assertThatIOException()
        .isThrownBy(() -> new ChatSentences(settings(Duration.ofMillis(100), 2)).about("cat", 1))
        .withMessageEndingWith("did not answer within 100 ms, in 2 attempts");
  }

  @Test
  void refusesAnswersThatAreNone() {
    answers.add(new Answer(200, "<html>", 0));
    ChatSentences chat = new ChatSentences(settings(Duration.ofSeconds(10), 1));
    assertThatIOException()
        .isThrownBy(() -> chat.about("cat", 1))
        .withMessageEndingWith("did not answer with JSON");
    answers.clear();
    answers.add(new Answer(200, "{\"choices\": []}", 0));
    assertThatIOException()
        .isThrownBy(() -> chat.about("cat", 1))
        .withMessageEndingWith("answered without choices[0].message.content");
    answers.clear();
    says("a dog");
    assertThatIOException()
        .isThrownBy(() -> chat.about("cat", 1))
        .withMessageEndingWith("gave 0 usable sentences about cat, 1 were wanted");
  }

  @Test
  void storesSentencesOnly() throws Exception {
    says("a cat");
    new ChatSentences(settings(Duration.ofSeconds(10), 1)).about("cat", 1);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file)).isEqualTo("a cat\n");
        assertThat(file.getFileName().toString()).endsWith(".txt");
      }
    }
  }

  @Test
  void takesUrlAndKeyFromTheEnvironment() {
    ChatSentences.Settings settings =
        ChatSentences.Settings.fromEnvironment(
            Map.of("OPENAI_BASE_URL", "https://example.org/v1", "OPENAI_API_KEY", KEY),
            "m",
            folder);
    assertThat(settings.baseUrl()).isEqualTo(URI.create("https://example.org/v1"));
    assertThat(settings.key()).contains(KEY);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChatSentences.Settings.fromEnvironment(Map.of(), "m", folder))
        .withMessageContaining("OPENAI_BASE_URL");
  }

  private void says(String content) {
    answers.add(
        new Answer(
            200,
            JSON.createObjectNode()
                .set(
                    "choices",
                    JSON.createArrayNode()
                        .add(
                            JSON.createObjectNode()
                                .set("message", JSON.createObjectNode().put("content", content))))
                .toString(),
            0));
  }

  private ChatSentences.Settings settings(Duration timeout, int attempts) {
    return new ChatSentences.Settings(
        URI.create("http://localhost:" + server.getAddress().getPort() + "/v1/"),
        Optional.of(KEY),
        "a-model",
        timeout,
        attempts,
        Duration.ofMillis(5),
        folder.resolve("cache"));
  }
}
