package io.github.pix2pixzero.direction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server of this process that answers what each test tells it to. */
class ChatEndpointTest {
  private static final String KEY = "key-that-nobody-may-see";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Deque<Answer> answers = new ArrayDeque<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private HttpServer server;

  private interface Answer {
    void to(HttpExchange exchange) throws Exception;
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.add(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
          try (exchange) {
            (answers.size() > 1 ? answers.poll() : answers.peek()).to(exchange);
          } catch (Exception e) {
            throw new IOException(e);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void asksTheModel() throws Exception {
    says("yes");

    assertThat(endpoint(1).answer("Is it?")).isEqualTo("yes");

    JsonNode request = JSON.readTree(requests.get(0));
    assertThat(request.path("model").asText()).isEqualTo("a-model");
    assertThat(request.at("/messages/0/role").asText()).isEqualTo("user");
    assertThat(request.at("/messages/0/content").asText()).isEqualTo("Is it?");
    assertThat(authorizations).containsExactly("Bearer " + KEY);
  }

  @Test
  void showsThePicture() throws Exception {
    says("a cat");

    assertThat(endpoint(1).answer("What is it?", new byte[] {1, 2, 3}, "image/png"))
        .isEqualTo("a cat");

    JsonNode content = JSON.readTree(requests.get(0)).at("/messages/0/content");
    assertThat(content.at("/0/text").asText()).isEqualTo("What is it?");
    assertThat(content.at("/1/type").asText()).isEqualTo("image_url");
    assertThat(content.at("/1/image_url/url").asText()).isEqualTo("data:image/png;base64,AQID");
  }

  @Test
  void leavesOutWhatAModelThinks() throws Exception {
    says("<think>\nA cat?\nA dog!\n</think>\n\na dog");

    assertThat(endpoint(1).answer("?")).isEqualTo("a dog");
  }

  @Test
  void triesAgainAfterErrorsThatPass() throws Exception {
    answers.add(exchange -> status(exchange, 503, ""));
    answers.add(exchange -> status(exchange, 429, ""));
    answers.add(HttpExchange::close); // the connection ends without an answer
    answers.add(
        exchange -> { // and within one
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          exchange.close();
        });
    says("at last");

    assertThat(endpoint(5).answer("?")).isEqualTo("at last");
    assertThat(requests).hasSize(5);
  }

  @Test
  void comesBackWhenTheServerSays() throws Exception {
    answers.add(
        exchange -> {
          exchange.getResponseHeaders().set("Retry-After", "1");
          status(exchange, 429, "");
        });
    says("later");

    long start = System.nanoTime();
    assertThat(endpoint(2).answer("?")).isEqualTo("later");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(990));
  }

  @Test
  void doesNotWaitForDays() {
    answers.add(
        exchange -> {
          exchange.getResponseHeaders().set("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT");
          status(exchange, 429, "");
        });

    assertThatIOException()
        .isThrownBy(() -> endpoint(3).answer("?"))
        .withMessageEndingWith("answered with status 429, in 1 attempts");
  }

  @Test
  void saysWhatWentWrongAndNeverTheKey() {
    answers.add(exchange -> status(exchange, 401, "{\"error\": \"no key " + KEY + "\"}"));
    assertThatIOException()
        .isThrownBy(() -> endpoint(3).answer("?"))
        .withMessageContaining("answered with status 401; is OPENAI_API_KEY right?")
        .satisfies(e -> assertThat(e.toString()).doesNotContain(KEY));
    assertThat(requests).hasSize(1);
    assertThat(endpoint(1).toString()).contains("a-model at http").doesNotContain(KEY);

    answers.clear();
    answers.add(
        exchange ->
            status(
                exchange,
                404,
                "{\"error\": {\"message\": \"no model\\n for %s\"}}".formatted(KEY)));
    assertThatIOException()
        .isThrownBy(() -> endpoint(3).answer("?"))
        .withMessageEndingWith("answered with status 404: no model for …");
  }

  @Test
  void doesNotFollowRedirects() {
    answers.add(
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          status(exchange, 307, "");
        });

    assertThatIOException()
        .isThrownBy(() -> endpoint(3).answer("?"))
        .withMessageEndingWith("answered with status 307, a redirect; is the URL right?");
    assertThat(requests).hasSize(1);
  }

  @Test
  void givesUpOnAServerThatDoesNotAnswerInTime() {
    answers.add(exchange -> Thread.sleep(1000));
    assertThatIOException()
        .isThrownBy(() -> endpoint(2, Duration.ofMillis(100)).answer("?"))
        .withMessageEndingWith("did not answer within 100 ms, in 2 attempts");
  }

  @Test
  void givesUpOnAnAnswerThatDoesNotEnd() {
    answers.add(
        exchange -> {
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          Thread.sleep(1000);
        });
    assertThatIOException()
        .isThrownBy(() -> endpoint(1, Duration.ofMillis(200)).answer("?"))
        .withMessageEndingWith("did not answer within 200 ms, in 1 attempts");
  }

  @Test
  void saysWhenNobodyListens() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0)) {
      port = closed.getLocalPort();
    }
    assertThatIOException()
        .isThrownBy(() -> new ChatEndpoint(settings(port, 2, Duration.ofSeconds(9))).answer("?"))
        .withMessageEndingWith("cannot be reached; is it running?, in 2 attempts");
  }

  @Test
  void refusesAnswersThatAreNone() {
    answers.add(exchange -> status(exchange, 200, "<html>"));
    assertThatIOException()
        .isThrownBy(() -> endpoint(3).answer("?"))
        .withMessageEndingWith("did not answer with JSON");
    answers.clear();
    answers.add(exchange -> status(exchange, 200, "{\"choices\": []}"));
    assertThatIOException()
        .isThrownBy(() -> endpoint(3).answer("?"))
        .withMessageEndingWith("answered without choices[0].message.content");
    answers.clear();
    answers.add(exchange -> status(exchange, 200, " ".repeat((4 << 20) + 1)));
    assertThatIOException()
        .isThrownBy(() -> endpoint(3).answer("?"))
        .withMessageEndingWith("answered with more than 4 MiB");
    assertThat(requests).hasSize(3);
  }

  @Test
  void takesUrlAndKeyFromTheEnvironment() {
    ChatEndpoint.Settings settings =
        ChatEndpoint.Settings.fromEnvironment(
            Map.of("OPENAI_BASE_URL", "https://example.org/v1", "OPENAI_API_KEY", KEY), "m");
    assertThat(settings.baseUrl()).isEqualTo(URI.create("https://example.org/v1"));
    assertThat(settings.key()).contains(KEY);
    assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(300));

    ChatEndpoint.Settings local =
        ChatEndpoint.Settings.fromEnvironment(Map.of("OPENAI_API_KEY", KEY), "m");
    assertThat(local.baseUrl()).isEqualTo(URI.create("http://localhost:11434/v1"));
    assertThat(local.key()).isEmpty();

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ChatEndpoint.Settings.fromEnvironment(
                    Map.of("OPENAI_BASE_URL", "example.org/v1"), "m"))
        .withMessageContaining("not example.org/v1");
  }

  private void says(String content) {
    String body =
        JSON.valueToTree(Map.of("choices", List.of(Map.of("message", Map.of("content", content)))))
            .toString();
    answers.add(exchange -> status(exchange, 200, body));
  }

  private static void status(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private ChatEndpoint endpoint(int attempts) {
    return endpoint(attempts, Duration.ofSeconds(10));
  }

  private ChatEndpoint endpoint(int attempts, Duration timeout) {
    return new ChatEndpoint(settings(server.getAddress().getPort(), attempts, timeout));
  }

  private static ChatEndpoint.Settings settings(int port, int attempts, Duration timeout) {
    return new ChatEndpoint.Settings(
        URI.create("http://localhost:" + port + "/v1/"),
        Optional.of(KEY),
        "a-model",
        timeout,
        attempts,
        Duration.ofMillis(5));
  }
}
