package io.github.pix2pixzero.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSet;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule that keeps strangers out, by what would happen without it. */
class SafetyTest {
  private static final String TOKEN = "a-token-of-enough-characters";
  private static final String OURS = "https://studio.example";

  private static EditServer server;
  private static EditServer guarded;
  private static Calls calls;
  private static Calls guardedCalls;

  @BeforeAll
  static void start() throws IOException {
    server = TestServers.start();
    calls = new Calls(server);
    guarded =
        TestServers.start(
            ServerOptions.builder()
                .token(TOKEN)
                .allowedOrigins(ImmutableSet.of(OURS))
                .hostNames(ImmutableSet.of("studio.local"))
                .idle(Duration.ofMillis(700)));
    guardedCalls = new Calls(guarded);
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    guarded.close();
  }

  // ------------------------------------------------------------------ who asks

  /** A page whose name has been rebound to 127.0.0.1 still says its own name. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:7860",
        "localhost.evil.example",
        "10.0.0.1",
        "",
        "["
      })
  void foreignHostsAreRefused(String host) throws IOException {
    assertThat(calls.raw("GET", "/api/v1/info", "Host: " + host))
        .matches("(?s)HTTP/1.1 4(21|00) .*")
        .doesNotContain("most_pixels");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST:80", "127.0.0.1:7860", "[::1]:7860"})
  void thisMachineIsKnown(String host) throws IOException {
    assertThat(calls.raw("GET", "/healthz", "Host: " + host)).startsWith("HTTP/1.1 200");
  }

  @Test
  void namesAreKnownThatTheOptionsName() throws IOException {
    assertThat(guardedCalls.raw("GET", "/healthz", "Host: studio.local"))
        .startsWith("HTTP/1.1 200");
    assertThat(calls.raw("GET", "/healthz", "Host: studio.local")).startsWith("HTTP/1.1 421");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://127.0.0.1:1",
        "Sec-Fetch-Site: cross-site"
      })
  void pagesOfOtherSitesChangeNothing(String header) throws IOException {
    for (String method : new String[] {"POST", "DELETE", "PUT"}) {
      assertThat(calls.raw(method, "/sdapi/v1/interrupt", calls.host(), header))
          .startsWith("HTTP/1.1 403");
    }
  }

  @Test
  void ourPageAndProgramsMay() throws IOException {
    String origin = "Origin: " + server.address();
    assertThat(calls.raw("POST", "/sdapi/v1/interrupt", calls.host(), origin, "Content-Length: 0"))
        .startsWith("HTTP/1.1 200");
    assertThat(calls.raw("POST", "/sdapi/v1/interrupt", calls.host(), "Content-Length: 0"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void noOriginMayReadUnlessItIsNamed() throws IOException {
    assertThat(calls.raw("GET", "/api/v1/info", calls.host(), "Origin: " + OURS))
        .startsWith("HTTP/1.1 200")
        .doesNotContainIgnoringCase("access-control");
    String token = "Authorization: Bearer " + TOKEN;
    String named = "Origin: " + OURS;
    assertThat(guardedCalls.raw("GET", "/api/v1/info", guardedCalls.host(), token, named))
        .startsWith("HTTP/1.1 200")
        .contains("Access-Control-Allow-Origin: " + OURS + "\r\n");
    assertThat(
            guardedCalls.raw(
                "GET", "/api/v1/info", guardedCalls.host(), token, "Origin: https://x.example"))
        .startsWith("HTTP/1.1 200")
        .doesNotContain("Access-Control-Allow-Origin");
    assertThat(guardedCalls.raw("OPTIONS", "/api/v1/edits", guardedCalls.host(), named))
        .startsWith("HTTP/1.1 204")
        .contains("Access-Control-Allow-Methods");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Bearer wrong",
        "Authorization: Bearer",
        "Authorization: Basic !!!",
        "X-Nothing: 1",
        "Authorization: Bearer a-token-of-enough-character"
      })
  void withoutTheTokenNothingIsToBeHad(String header) throws IOException {
    for (String path :
        new String[] {"/api/v1/info", "/v1/models", "/sdapi/v1/options", "/metrics"}) {
      assertThat(guardedCalls.raw("GET", path, guardedCalls.host(), header))
          .startsWith("HTTP/1.1 401");
    }
  }

  @Test
  void theTokenOpens() throws IOException {
    byte[] basic = ("me:" + TOKEN).getBytes(StandardCharsets.UTF_8);
    for (String given :
        new String[] {"Bearer " + TOKEN, "Basic " + Base64.getEncoder().encodeToString(basic)}) {
      assertThat(
              guardedCalls.raw(
                  "GET", "/api/v1/info", guardedCalls.host(), "Authorization: " + given))
          .startsWith("HTTP/1.1 200");
    }
    assertThat(guardedCalls.raw("GET", "/", guardedCalls.host())).startsWith("HTTP/1.1 200");
  }

  @Test
  void otherMachinesNeedAToken() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestServers.start(ServerOptions.builder().host("0.0.0.0")))
        .withMessageContaining("needs a token");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerOptions.builder().token("short").build())
        .withMessageContaining("16 characters");
  }

  // ------------------------------------------------------------------ what is answered

  @ParameterizedTest
  @ValueSource(strings = {"/", "/api/v1/info", "/nothing", "/app.js"})
  void browsersAreToldWhatNotToDo(String path) throws Exception {
    HttpResponse<byte[]> answer = calls.get(path);
    String policy = answer.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertThat(policy)
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(answer.headers().firstValue("Cross-Origin-Resource-Policy")).hasValue("same-origin");
    assertThat(answer.headers().firstValue("Server")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../../../etc/passwd",
        "/vendor/../../../etc/passwd",
        "/vendor/%2e%2e/%2e%2e/openapi.json",
        "/vendor/..%2f..%2fopenapi.json",
        "//etc/passwd",
        "/page/index.html",
        "/api/v1/pictures/..%2f..%2fetc",
        "/vendor/..;/openapi.json",
        "/EditServer.class"
      })
  void addressesLeadToNoFiles(String path) throws IOException {
    assertThat(calls.raw("GET", path, calls.host()))
        .matches("(?s)HTTP/1.1 40[04] .*")
        .doesNotContain("root:", "openapi\":");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[]",
        "{\"picture\": 1}",
        "{\"picture\": \"no such\", \"target\": \"x\"}",
        "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}",
        "nonsense"
      })
  void errorsTellNothingOfTheInside(String body) throws Exception {
    HttpResponse<byte[]> answer = calls.post("/api/v1/edits", body);
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(text)
        .contains("\"message\"")
        .doesNotContain("Exception", "at io.github", "/work", ".java", "jackson");
  }

  @Test
  void whatCannotBeHonouredIsNamed() throws Exception {
    String picture = calls.sendCat();
    JsonNode answer =
        calls.postJson(
            "/api/v1/edits",
            "{\"picture\": \"%s\", \"target\": \"a dog\", \"sharpness\": 3}".formatted(picture));
    assertThat(answer.at("/error/param").asText()).isEqualTo("sharpness");
  }

  @Test
  void idsCannotBeGuessed() throws Exception {
    String first = calls.sendCat();
    String second = calls.sendCat();
    assertThat(first).hasSize(36).isNotEqualTo(second);
    assertThat(first.substring(0, 8)).isNotEqualTo(second.substring(0, 8));
  }

  // ------------------------------------------------------------------ how much is taken

  @Test
  void largeUploadsAreRefusedBeforeTheyArrive() throws IOException {
    assertThat(
            calls.raw(
                "POST",
                "/api/v1/pictures",
                calls.host(),
                "Content-Type: image/png",
                "Content-Length: " + (21 << 20)))
        .startsWith("HTTP/1.1 413");
  }

  @Test
  void largeUploadsWithoutALengthAreRefusedOnTheWay() throws IOException {
    String chunk = "100000\r\n" + "x".repeat(1 << 20) + "\r\n";
    String request =
        "POST /api/v1/pictures HTTP/1.1\r\n"
            + calls.host()
            + "\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
            + chunk.repeat(20)
            + "100000\r\n"
            + "x".repeat(1 << 19);
    assertThat(calls.raw(request)).startsWith("HTTP/1.1 413");
  }

  /** Of 30,000 x 30,000 pixels by its header; decoded it would take 3.6 GB. */
  @Test
  void pixelsAreCountedBeforeTheyAreDecoded() throws Exception {
    HttpResponse<byte[]> answer = calls.post("/api/v1/pictures", "image/png", bomb(30_000));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(Calls.json(answer).at("/error/message").asText()).contains("16 megapixels");
    assertThat(calls.post("/api/v1/pictures", "image/png", bomb(4001)).statusCode()).isEqualTo(400);
  }

  /** The start of a PNG that promises a square of so many pixels. */
  private static byte[] bomb(int side) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504e470d0a1a0aL);
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(header);
    fields.writeBytes("IHDR");
    fields.writeInt(side);
    fields.writeInt(side);
    fields.write(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(header.toByteArray());
    out.writeInt(13);
    out.write(header.toByteArray());
    out.writeInt((int) crc.getValue());
    out.writeInt(0);
    out.writeBytes("IDAT");
    out.writeInt(0x35af061e);
    out.writeInt(0);
    out.writeBytes("IEND");
    out.writeInt(0xae426082);
    return bytes.toByteArray();
  }

  @Test
  void slowClientsAreGivenUp() throws IOException {
    long start = System.nanoTime();
    String answer =
        guardedCalls.raw(
            "POST /api/v1/pictures HTTP/1.1\r\n"
                + guardedCalls.host()
                + "\r\nAuthorization: Bearer "
                + TOKEN
                + "\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\nhalf");
    assertThat(answer).startsWith("HTTP/1.1 408");
    String headers = guardedCalls.raw("GET / HTTP/1.1\r\nHost: loc");
    assertThat(headers).doesNotContain("200 OK");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void noAddressIsFetchedForACaller() throws Exception {
    try (ServerSocket inside = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      inside.setSoTimeout(300);
      String address = "http://127.0.0.1:" + inside.getLocalPort() + "/cat.png";
      JsonNode answer =
          calls.postJson(
              "/v1/images/edits",
              "{\"images\": [{\"image_url\": \"%s\"}], \"prompt\": \"cat -> dog\"}"
                  .formatted(address));
      assertThat(answer.at("/error/message").asText()).contains("no address is fetched");
      boolean asked = true;
      try {
        inside.accept().close();
      } catch (SocketTimeoutException e) {
        asked = false;
      }
      assertThat(asked).isFalse();
    }
  }
}
