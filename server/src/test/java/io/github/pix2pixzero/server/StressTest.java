package io.github.pix2pixzero.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Many clients at once, and requests that are broken. Short here; by hand with {@code
 * -Dserver.clients=200 -Dserver.seconds=60 -Dserver.malformed=10000}.
 */
class StressTest {
  private static final int CLIENTS = Integer.getInteger("server.clients", 40);
  private static final int SECONDS = Integer.getInteger("server.seconds", 3);
  private static final int MALFORMED = Integer.getInteger("server.malformed", 200);
  private static final long SLACK = 100L << 20;

  private static final String EDIT =
      "{\"images\": [\"%s\"], \"prompt\": \"cat -> dog\", \"steps\": 1, \"seed\": %s}";

  private static EditServer server;

  /** Of each test: what another left idle the server may close as it is used again. */
  private final Calls calls = new Calls(server);

  @BeforeAll
  static void start() throws IOException {
    server =
        TestServers.start(
            ServerOptions.builder().parallel(2).keep(20, 1 << 20).idle(Duration.ofSeconds(3)));
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  private final Map<Integer, String> results = new ConcurrentHashMap<>();
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicInteger turnedAway = new AtomicInteger();

  @Test
  void manyClientsAreServedOrTurnedAway() throws Exception {
    ask(0);
    long before = usedHeap();
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    List<Future<Void>> all = new ArrayList<>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    for (int i = 0; i < CLIENTS; i++) {
      int seed = i % 3;
      Callable<Void> client =
          () -> {
            while (System.nanoTime() < end) {
              ask(seed);
            }
            return null;
          };
      all.add(clients.submit(client));
    }
    for (Future<Void> client : all) {
      client.get();
    }
    clients.shutdown();
    assertThat(done.get()).isPositive();
    assertThat(turnedAway.get()).as("429 for %s clients", CLIENTS).isPositive();
    assertThat(usedHeap() - before).as("growth after %s edits", done).isLessThan(SLACK);
    assertThat(calls.getJson("/healthz").get("waiting").asInt()).isZero();
  }

  private void ask(int seed) throws Exception {
    HttpResponse<byte[]> answer =
        calls.post("/v1/images/edits", EDIT.formatted(Calls.dataUrl(Calls.cat()), seed));
    if (answer.statusCode() == 429) {
      assertThat(answer.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
      turnedAway.incrementAndGet();
      Thread.sleep(100);
      return;
    }
    assertThat(answer.statusCode()).isEqualTo(200);
    String picture = Calls.json(answer).at("/data/0/b64_json").asText();
    assertThat(picture).isEqualTo(results.computeIfAbsent(seed, first -> picture));
    done.incrementAndGet();
  }

  @SuppressWarnings("System.gc") // what is asked is what remains
  private static long usedHeap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** Whatever arrives, it is the client's fault, and the next one is served. */
  @Test
  void brokenRequestsAreTheClientsFault() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    byte[] png = Calls.cat();
    byte[] json = EDIT.formatted(Calls.dataUrl(png), 1).getBytes(StandardCharsets.UTF_8);
    byte[] form = form(png);
    long before = usedHeap();
    for (int i = 0; i < MALFORMED; i++) {
      HttpResponse<byte[]> answer =
          switch (i % 4) {
            case 0 -> calls.post("/api/v1/pictures", "image/png", broken(png, 60, random));
            case 1 -> calls.post("/v1/images/edits", "application/json", broken(json, 80, random));
            case 2 ->
                calls.post(
                    "/v1/images/edits",
                    "multipart/form-data; boundary=xyz",
                    broken(form, 400, random));
            default ->
                calls.post(
                    "/sdapi/v1/img2img", "application/json", broken(json, json.length, random));
          };
      int status = answer.statusCode();
      if (status != 429) { // what is not broken enough to be refused waits its turn
        assertThat(status)
            .as("request %s: %s", i, new String(answer.body(), StandardCharsets.UTF_8))
            .isLessThan(500);
      }
    }
    for (int i = 0; i < MALFORMED / 8; i++) {
      byte[] head =
          ("GET /api/v1/info HTTP/1.1\r\n" + calls.host() + "\r\nConnection: close\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1);
      String request =
          new String(broken(head, head.length - 4, random), StandardCharsets.ISO_8859_1);
      String answer = calls.raw(request + "\r\n\r\n");
      assertThat(answer).doesNotContain("HTTP/1.1 500", "Exception", "at io.github");
    }
    assertThat(usedHeap() - before).isLessThan(SLACK);
    JsonNode health = calls.getJson("/healthz");
    assertThat(health.get("status").asText()).isEqualTo("ok");
  }

  private static byte[] form(byte[] png) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String start =
        "--xyz\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\ncat -> dog\r\n"
            + "--xyz\r\nContent-Disposition: form-data; name=\"steps\"\r\n\r\n1\r\n"
            + "--xyz\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n"
            + "Content-Type: image/png\r\n\r\n";
    out.write(start.getBytes(StandardCharsets.US_ASCII));
    out.write(png);
    out.write("\r\n--xyz--\r\n".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  /** A copy with bytes changed near its start, or cut short. */
  private static byte[] broken(byte[] whole, int within, SplittableRandom random) {
    byte[] copy = whole.clone();
    if (random.nextInt(4) == 0) {
      return Arrays.copyOf(copy, random.nextInt(copy.length));
    }
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      copy[random.nextInt(Math.min(within, copy.length))] = (byte) random.nextInt(256);
    }
    return copy;
  }
}
