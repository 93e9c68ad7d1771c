package io.github.pix2pixzero.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
  @ValueSource(strings = {"HTTP/1.0\r\n", "HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n"})
  void oneHostIsNamed(String rest) throws IOException {
    assertThat(calls.raw("GET /api/v1/info " + rest + "Connection: close\r\n\r\n"))
        .matches("(?s)HTTP/1.1 4(21|00) .*")
        .doesNotContain("most_pixels");
  }

  /** Addresses cannot be rebound, and who comes from elsewhere may know no name. */
  @Test
  void addressesAreKnownThatOthersReach() throws IOException {
    try (EditServer open =
        TestServers.start(ServerOptions.builder().host("0.0.0.0").token(TOKEN))) {
      Calls asked = new Calls(open);
      assertThat(asked.raw("GET", "/healthz", "Host: 192.0.2.1:7860")).startsWith("HTTP/1.1 200");
      assertThat(asked.raw("GET", "/healthz", "Host: [2001:db8::1]")).startsWith("HTTP/1.1 200");
      assertThat(asked.raw("GET", "/healthz", "Host: evil.example")).startsWith("HTTP/1.1 421");
      assertThat(asked.raw("GET", "/v1/models", "Host: 192.0.2.1")).startsWith("HTTP/1.1 401");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST:80", "127.0.0.1:7860", "[::1]:7860"})
  void thisMachineIsKnown(String host) throws IOException {
    assertThat(calls.raw("GET", "/healthz", "Host: " + host)).startsWith("HTTP/1.1 200");
  }

  @Test
  void namesAreKnownThatTheOptionsName() throws IOException {
    for (String host : new String[] {"studio.local", "Studio.LOCAL:80"}) {
      assertThat(guardedCalls.raw("GET", "/healthz", "Host: " + host)).startsWith("HTTP/1.1 200");
    }
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
        .contains("Access-Control-Allow-Origin: " + OURS + "\r\n", "Vary: Origin\r\n");
    assertThat(
            guardedCalls.raw(
                "POST",
                "/sdapi/v1/interrupt",
                guardedCalls.host(),
                token,
                named,
                "Content-Length: 0"))
        .startsWith("HTTP/1.1 200");
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
          .startsWith("HTTP/1.1 401")
          .contains("WWW-Authenticate: Bearer\r\n");
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
    for (String origin : new String[] {"*", "null", "https://studio.example/"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ServerOptions.builder().allowedOrigins(ImmutableSet.of(origin)).build())
          .withMessageContaining(origin);
    }
  }

  // ------------------------------------------------------------------ what is answered

  @ParameterizedTest
  @ValueSource(strings = {"/", "/api/v1/info", "/nothing", "/app.js"})
  void browsersAreToldWhatNotToDo(String path) throws Exception {
    HttpResponse<byte[]> answer = calls.get(path);
    String policy = answer.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertThat(policy)
        .contains("default-src 'none'", "script-src 'self'", "style-src 'self'")
        .contains("connect-src 'self'", "base-uri 'none'", "form-action 'none'")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(answer.headers().firstValue("Cross-Origin-Resource-Policy")).hasValue("same-origin");
    assertThat(answer.headers().firstValue("Cross-Origin-Opener-Policy")).hasValue("same-origin");
    assertThat(answer.headers().firstValue("X-Frame-Options")).hasValue("DENY");
    assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
    assertThat(answer.headers().firstValue("Server")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/v1/info", "/nothing"})
  void whatIsAnsweredIsNotStored(String path) throws Exception {
    assertThat(calls.get(path).headers().firstValue("Cache-Control")).hasValue("no-store");
  }

  /** Before any of our rules is asked. */
  @ParameterizedTest
  @CsvSource({"'No Header', 400", "Expect: what, 417", "Content-Length: x, 400"})
  void whatIsNoHttpIsRefusedInOneSentence(String header, int status) throws IOException {
    assertThat(calls.raw("GET", "/healthz", calls.host(), header))
        .startsWith("HTTP/1.1 " + status)
        .contains("Content-Type: application/json", "{\"error\":{\"message\":\"")
        .doesNotContain("Jetty", "<html>", "No Header");
  }

  @Test
  void longHeadersAreRefused() throws IOException {
    assertThat(calls.raw("GET", "/healthz", calls.host(), "X-Long: " + "x".repeat(9000)))
        .startsWith("HTTP/1.1 431");
  }

  /** Forms of other sites can send text, and browsers ask nobody first. */
  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", ""})
  void onlyWhatSaysThatItIsJsonIsRead(String type) throws IOException {
    String body = "{\"sd_model_checkpoint\": \"toy-world\"}";
    String header = type.isEmpty() ? "X-Nothing: 1" : "Content-Type: " + type;
    assertThat(
            calls.raw(
                "POST /sdapi/v1/options HTTP/1.1\r\n%s\r\n%s\r\nContent-Length: %s\r\n"
                        .formatted(calls.host(), header, body.length())
                    + "Connection: close\r\n\r\n"
                    + body))
        .startsWith("HTTP/1.1 415");
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

  @ParameterizedTest
  @ValueSource(strings = {"?skip_current_image=%E0%A4%A", "?%zz", "?a=%"})
  void malformedQueriesAreTheClientsFault(String query) throws IOException {
    assertThat(calls.raw("GET", "/sdapi/v1/progress" + query, calls.host()))
        .doesNotStartWith("HTTP/1.1 5");
  }

  @Test
  void picturesThatCannotBeReadOrMadeAreNamed() throws Exception {
    JsonNode unread =
        calls.postJson("/v1/images/edits", "{\"images\": [\"AAAA\"], \"prompt\": \"cat -> dog\"}");
    assertThat(unread.at("/error/param").asText()).isEqualTo("image");
    JsonNode size =
        calls.postJson("/v1/images/generations", "{\"prompt\": \"a cat\", \"size\": \"64x65\"}");
    assertThat(size.at("/error/param").asText()).isEqualTo("size");
    JsonNode width = calls.postJson("/sdapi/v1/txt2img", "{\"prompt\": \"a cat\", \"width\": 65}");
    assertThat(width.at("/error/param").asText()).isEqualTo("width");
  }

  /** What went wrong inside is for the log. */
  @Test
  void failuresTellNothingOfTheInside() throws Exception {
    ServerOptions.Builder options =
        ServerOptions.builder()
            .captioner(
                (picture, word) -> {
                  throw new IllegalStateException("/secret/path");
                });
    try (EditServer failing = TestServers.start(options)) {
      Calls asked = new Calls(failing);
      HttpResponse<byte[]> answer =
          asked.post("/api/v1/pictures/" + asked.sendCat() + "/caption", "");
      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8))
          .contains("something went wrong")
          .doesNotContain("secret", "Exception");
    }
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

  @ParameterizedTest
  @CsvSource({
    "/api/v1/pictures, 'picture\": \"CAT'",
    "/api/v1/inversions, 'picture\": \"ID\", \"caption\": \"x'",
    "/v1/images/edits, 'images\": [\"CAT\"], \"prompt\": \"cat -> dog'",
    "/v1/images/generations, 'prompt\": \"a cat'",
    "/sdapi/v1/txt2img, 'prompt\": \"a cat'",
    "/sdapi/v1/txt2img, 'override_settings\": {\"sharpness\": 3}, \"prompt\": \"a cat'",
    "/sdapi/v1/interrogate, 'image\": \"CAT'",
    "/sdapi/v1/options, 'samples_format\": \"png'"
  })
  void nothingIsIgnoredAnywhere(String path, String given) throws Exception {
    String fields = given.replace("CAT", Calls.dataUrl(Calls.cat())).replace("ID", calls.sendCat());
    String more = given.contains("sharpness") ? "" : ", \"sharpness\": 3";
    HttpResponse<byte[]> answer = calls.post(path, "{\"" + fields + "\"" + more + "}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(Calls.json(answer).at("/error/param").asText()).isEqualTo("sharpness");
  }

  /** Of two it would not be clear which counts. */
  @ParameterizedTest
  @ValueSource(strings = {"prompt", "image"})
  void nothingIsGivenTwice(String name) throws Exception {
    String file = name.equals("image") ? "; filename=\"a.png\"" : "";
    String part =
        "--xyz\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\nx\r\n".formatted(name, file);
    byte[] form = (part + part + "--xyz--\r\n").getBytes(StandardCharsets.UTF_8);
    String path = name.equals("image") ? "/sdapi/v1/interrogate" : "/v1/images/edits";
    HttpResponse<byte[]> answer = calls.post(path, "multipart/form-data; boundary=xyz", form);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(Calls.json(answer).at("/error/param").asText()).isEqualTo(name);
  }

  @Test
  void idsCannotBeGuessed() throws Exception {
    List<List<String>> ids = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int seed = 1; seed <= 2; seed++) {
      String picture = calls.sendCat();
      String request = "{\"picture\": \"%s\", \"caption\": \"x\", \"steps\": 1, \"seed\": %s}";
      JsonNode job = calls.postJson("/api/v1/inversions", request.formatted(picture, seed));
      ids.get(0).add(picture);
      ids.get(1).add(job.get("id").asText());
      ids.get(2).add(calls.await(job.get("id").asText()).get("inversion").asText());
    }
    for (List<String> two : ids) {
      assertThat(two.get(0)).hasSize(36);
      assertThat(two.get(0).substring(0, 8)).isNotEqualTo(two.get(1).substring(0, 8));
    }
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
