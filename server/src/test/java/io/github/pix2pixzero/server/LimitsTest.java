package io.github.pix2pixzero.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How much is taken of a stranger, and for how long. */
class LimitsTest {
  private static EditServer server;
  private static EditServer hurried;
  private static Calls calls;
  private static Calls hurriedCalls;

  @BeforeAll
  static void start() throws IOException {
    server = TestServers.start();
    calls = new Calls(server);
    hurried = TestServers.start(ServerOptions.builder().idle(Duration.ofMillis(700)));
    hurriedCalls = new Calls(hurried);
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    hurried.close();
  }

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

  /** By its header; decoded the first would take 3.6 GB. */
  @ParameterizedTest
  @ValueSource(ints = {30_000, 4001})
  void pixelsAreCountedBeforeTheyAreDecoded(int side) throws Exception {
    HttpResponse<byte[]> answer = calls.post("/api/v1/pictures", "image/png", bomb(side));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(Calls.json(answer).at("/error/message").asText()).contains("16 megapixels");
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
        hurriedCalls.raw(
            "POST /api/v1/pictures HTTP/1.1\r\n"
                + hurriedCalls.host()
                + "\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\nhalf");
    assertThat(answer).startsWith("HTTP/1.1 408");
    String headers = hurriedCalls.raw("GET / HTTP/1.1\r\nHost: loc");
    assertThat(headers).doesNotContain("200 OK");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  /** Each byte comes in time, but not all of them. */
  @Test
  void drippingClientsAreGivenUp() throws Exception {
    try (Socket socket = new Socket(hurried.address().getHost(), hurried.address().getPort())) {
      String head = "POST /api/v1/pictures HTTP/1.1\r\n%s\r\nContent-Type: image/png\r\n";
      socket
          .getOutputStream()
          .write(
              (head.formatted(hurriedCalls.host()) + "Content-Length: 1000\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < 50 && socket.getInputStream().available() == 0; i++) {
        socket.getOutputStream().write('x');
        Thread.sleep(200);
      }
      byte[] answer = socket.getInputStream().readNBytes(12);
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 408");
    }
  }

  @Test
  void largePartsOfFormsAreRefused() throws Exception {
    String start =
        "--xyz\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a\"\r\n\r\n";
    byte[] form =
        (start + "x".repeat(21 << 20) + "\r\n--xyz--\r\n").getBytes(StandardCharsets.UTF_8);
    HttpResponse<byte[]> answer =
        calls.post("/api/v1/pictures", "multipart/form-data; boundary=xyz", form);
    assertThat(answer.statusCode()).isEqualTo(413);
  }

  @Test
  void largePicturesInJsonAreRefused() throws Exception {
    String picture = "A".repeat((21 << 20) / 3 * 4);
    assertThat(calls.post("/api/v1/pictures", "{\"picture\": \"" + picture + "\"}").statusCode())
        .isEqualTo(413);
  }

  /** Where temporary files could not be made, a form is read all the same. */
  @Test
  void formsStayInMemory() throws Exception {
    String part = "--xyz\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n%s\r\n";
    String form =
        part.formatted("picture", "; filename=\"a.png\"", "x".repeat(1 << 20))
            + part.formatted("prompt", "", "x".repeat(1900))
            + "--xyz--\r\n";
    String before = System.setProperty("java.io.tmpdir", "/no/such/folder");
    try {
      HttpResponse<byte[]> answer =
          calls.post(
              "/api/v1/pictures",
              "multipart/form-data; boundary=xyz",
              form.getBytes(StandardCharsets.UTF_8));
      assertThat(Calls.json(answer).at("/error/param").asText()).isEqualTo("prompt");
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
  }

  @Test
  void formsOfManyPartsAreRefused() throws Exception {
    String part = "--xyz\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nx\r\n";
    byte[] form = (part.repeat(65) + "--xyz--\r\n").getBytes(StandardCharsets.UTF_8);
    HttpResponse<byte[]> answer =
        calls.post("/v1/images/edits", "multipart/form-data; boundary=xyz", form);
    assertThat(Calls.json(answer).at("/error/message").asText()).isEqualTo("the form is malformed");
  }

  @Test
  void textsAreShort() throws Exception {
    JsonNode answer =
        calls.postJson("/v1/images/generations", "{\"prompt\": \"" + "x".repeat(2001) + "\"}");
    assertThat(answer.at("/error/message").asText()).contains("no more than 2000 characters");
  }

  /** Deep nesting costs stack; of two values of one name it would not be clear which counts. */
  @ParameterizedTest
  @CsvSource({"30, 1", "1, 2"})
  void jsonIsFlatAndUnambiguous(int depth, int times) throws Exception {
    String nested = "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
    String body = "{" + ("\"a\":" + nested + ",").repeat(times) + "\"b\":1}";
    assertThat(calls.postJson("/api/v1/edits", body).at("/error/message").asText())
        .isEqualTo("the body is not valid JSON");
  }

  @Test
  void nothingFollowsJson() throws Exception {
    assertThat(calls.postJson("/api/v1/edits", "{} {}").at("/error/message").asText())
        .isEqualTo("the body is not valid JSON");
  }

  @ParameterizedTest
  @CsvSource({
    "/sdapi/v1/txt2img, width, 1032, ''",
    "/sdapi/v1/txt2img, height, 1032, ''",
    "/sdapi/v1/txt2img, steps, 201, ''",
    "/sdapi/v1/txt2img, batch_size, 5, ''",
    "/sdapi/v1/txt2img, n_iter, 3, ', \"batch_size\": 2'",
    "/v1/images/generations, n, 5, ''",
    "/v1/images/generations, steps, 201, ''",
    "/v1/images/generations, seed, 9007199254740992, ''",
    "/v1/images/generations, size, '\"1032x64\"', ''",
    "/v1/images/generations, partial_images, 4, ', \"stream\": true'"
  })
  void picturesToMakeAreSmallAndFew(String path, String name, String value, String more)
      throws Exception {
    String body = "{\"prompt\": \"a cat\", \"%s\": %s%s}".formatted(name, value, more);
    assertThat(calls.postJson(path, body).at("/error/param").asText()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({"/v1/images/edits, images, image", "/sdapi/v1/img2img, init_images, init_images"})
  void onePictureIsEdited(String path, String name, String blamed) throws Exception {
    String cat = Calls.dataUrl(Calls.cat());
    String body =
        "{\"prompt\": \"cat -> dog\", \"%s\": [\"%s\", \"%s\"]}".formatted(name, cat, cat);
    assertThat(calls.postJson(path, body).at("/error/param").asText()).isEqualTo(blamed);
  }

  // ------------------------------------------------------------------ what is kept

  @Test
  void picturesAreKeptUpToACount() throws Exception {
    String first = calls.sendCat();
    for (int i = 1; i < 64; i++) {
      calls.sendCat();
    }
    assertThat(calls.get("/api/v1/pictures/" + first).statusCode()).isEqualTo(200);
    for (int i = 0; i < 64; i++) {
      calls.sendCat();
    }
    assertThat(calls.get("/api/v1/pictures/" + first).statusCode()).isEqualTo(404);
  }

  @Test
  void whatIsKeptIsBoundedByBytes() throws Exception {
    int picture = 4 * 64 * 64;
    ServerOptions.Builder options =
        ServerOptions.builder().keep(2, 3L * picture).metrics(true).queue(3);
    try (EditServer small = TestServers.start(options)) {
      Calls asked = new Calls(small);
      String first = asked.sendCat();
      String last = first;
      for (int i = 0; i < 3; i++) {
        last = asked.sendCat();
        invert(asked, last, i);
      }
      assertThat(asked.get("/api/v1/pictures/" + first).statusCode()).isEqualTo(404);
      assertThat(asked.get("/api/v1/pictures/" + last).statusCode()).isEqualTo(200);
      assertThat(new String(asked.get("/metrics").body(), StandardCharsets.UTF_8))
          .contains("pix2pixzero_inversions_kept 1.0", "pix2pixzero_jobs_kept 2.0");
    }
  }

  @Test
  void inversionsAreKeptUpToACount() throws Exception {
    try (EditServer own = TestServers.start(ServerOptions.builder().metrics(true))) {
      Calls asked = new Calls(own);
      String picture = asked.sendCat();
      for (int seed = 0; seed < 33; seed++) {
        invert(asked, picture, seed);
      }
      assertThat(new String(asked.get("/metrics").body(), StandardCharsets.UTF_8))
          .contains("pix2pixzero_inversions_kept 32.0");
    }
  }

  private static void invert(Calls asked, String picture, int seed) throws Exception {
    String body = "{\"picture\": \"%s\", \"caption\": \"a cat\", \"steps\": 1, \"seed\": %s}";
    JsonNode job = asked.postJson("/api/v1/inversions", body.formatted(picture, seed));
    assertThat(asked.await(job.get("id").asText()).get("state").asText()).isEqualTo("done");
  }
}
