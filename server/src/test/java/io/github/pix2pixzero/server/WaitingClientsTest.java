package io.github.pix2pixzero.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Those who wait for an edit: they may be many, go away, and outlast what silence is allowed. */
class WaitingClientsTest {
  private static final Duration IDLE = Duration.ofMillis(700);
  private static final Duration CAPTION = Duration.ofMillis(1800);

  private EditServer server;
  private Calls calls;

  @BeforeEach
  void start() throws IOException {
    server =
        TestServers.start(
            ServerOptions.builder()
                .idle(IDLE)
                .captioner(
                    (picture, word) -> {
                      Thread.sleep(CAPTION.toMillis());
                      return "a cat";
                    }));
    calls = new Calls(server);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private static String edit(int steps, String more) throws IOException {
    return "{\"images\": [\"%s\"], \"prompt\": \"cat -> dog\", \"steps\": %s%s}"
        .formatted(Calls.dataUrl(Calls.cat()), steps, more);
  }

  private Socket open(String request) throws IOException {
    Socket socket = new Socket(server.address().getHost(), server.address().getPort());
    socket.setSoTimeout(20_000);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private String post(String body) {
    return "POST /v1/images/edits HTTP/1.1\r\n%s\r\nContent-Type: application/json\r\n"
            .formatted(calls.host())
        + "Content-Length: %s\r\n\r\n%s".formatted(body.length(), body);
  }

  /** The server is silent for longer than clients may be; what one sends meanwhile is not lost. */
  @Test
  void theAnswerComesHoweverLongItTakes() throws Exception {
    try (Socket socket = open(post(edit(1, "")))) {
      Thread.sleep(300);
      String next = "GET /healthz HTTP/1.1\r\n" + calls.host() + "\r\n\r\n";
      socket.getOutputStream().write(next.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer)
          .startsWith("HTTP/1.1 200")
          .contains("b64_json", "Connection: close\r\n") // so that the client asks again
          .doesNotContain("HTTP/1.1 4");
    }
  }

  @Test
  void whoLeavesAStreamCancelsItsJob() throws Exception {
    try (Socket socket = open(post(edit(200, ", \"caption\": \"a cat\", \"stream\": true")))) {
      assertThat(socket.getInputStream().read()).isPositive();
    }
    JsonNode job = calls.getJson("/api/v1/jobs").at("/jobs/0");
    assertThat(calls.await(job.get("id").asText()).get("state").asText()).isEqualTo("cancelled");
  }

  @Test
  void soManyMayWatch() throws Exception {
    String request =
        "{\"picture\": \"%s\", \"target\": \"a dog\", \"caption\": \"a cat\", \"steps\": 200,"
            + " \"keep\": true}";
    String path =
        "/api/v1/jobs/"
            + calls
                .postJson("/api/v1/edits", request.formatted(calls.sendCat()))
                .get("id")
                .asText();
    List<Socket> watching = new ArrayList<>();
    try {
      for (int i = 0; i < 64; i++) {
        watching.add(open("GET " + path + "/events HTTP/1.1\r\n" + calls.host() + "\r\n\r\n"));
        assertThat(watching.get(i).getInputStream().read()).isPositive();
      }
      HttpResponse<byte[]> turnedAway = calls.get(path + "/events");
      assertThat(turnedAway.statusCode()).isEqualTo(503);
      assertThat(turnedAway.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
    } finally {
      for (Socket socket : watching) {
        socket.close();
      }
    }
    assertThat(calls.delete(path).statusCode()).isEqualTo(204);
    HttpResponse<byte[]> again = calls.get(path + "/events");
    for (int i = 0; i < 100 && again.statusCode() == 503; i++) {
      Thread.sleep(50);
      again = calls.get(path + "/events");
    }
    assertThat(again.statusCode()).isEqualTo(200);
  }

  @Test
  void whoWaitsHearsThatTheServerStops() throws Exception {
    String body = edit(200, ", \"caption\": \"a cat\"");
    CompletableFuture<HttpResponse<byte[]>> answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return calls.post("/v1/images/edits", body);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    while (calls.getJson("/healthz").get("running").asInt() == 0) {
      Thread.sleep(10);
    }
    assertThat(server.stop()).isEqualTo(1);
    HttpResponse<byte[]> stopping = answer.get(20, TimeUnit.SECONDS);
    assertThat(stopping.statusCode()).isEqualTo(503);
    assertThat(stopping.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
  }
}
