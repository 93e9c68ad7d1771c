package io.github.pix2pixzero.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.io.Resources;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.picture.PngTexts;
import io.github.pix2pixzero.server.internal.http.Route;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OwnApiTest {
  private static final String EDIT =
      "{\"picture\": \"%s\", \"caption\": \"a photo of a gray cat in the snow\","
          + " \"target\": \"a photo of a gray dog in the snow\", \"steps\": %s,"
          + " \"preview_every\": 1}";

  private static EditServer server;
  private static Calls calls;

  @BeforeAll
  static void start() throws IOException {
    server =
        TestServers.start(
            ServerOptions.builder().metrics(true).captioner((picture, word) -> "a cat"));
    calls = new Calls(server);
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @Test
  void aPictureIsEditedAndTheNextEditIsFaster() throws Exception {
    String picture = calls.sendCat();
    JsonNode first = edited(EDIT.formatted(picture, 3));
    assertThat(first.get("state").asText()).as("%s", first).isEqualTo("done");
    assertThat(first.get("reused_inversion").asBoolean()).isFalse();
    assertThat(first.get("understood").asText()).isEqualTo("a photo of a gray dog in the snow");
    JsonNode second = edited(EDIT.formatted(calls.sendCat(), 3).replace("gray dog", "gray fox"));
    assertThat(second.get("reused_inversion").asBoolean()).isTrue();
    assertThat(second.get("inversion")).isEqualTo(first.get("inversion"));

    byte[] png = calls.get("/api/v1/jobs/" + first.get("id").asText() + "/image").body();
    assertThat(PictureFiles.read(png).getWidth()).isEqualTo(64);
    assertThat(PngTexts.read(png).get(PngTexts.PARAMETERS))
        .contains("Steps: 3", "Model: toy-world", "Target caption: a photo of a gray dog");
    byte[] source = calls.get("/api/v1/jobs/" + first.get("id").asText() + "/source").body();
    assertThat(PictureFiles.read(source).getRGB(20, 20))
        .isEqualTo(PictureFiles.read(Calls.cat()).getRGB(20, 20));
  }

  private static JsonNode edited(String request) throws Exception {
    HttpResponse<byte[]> answer = calls.post("/api/v1/edits", request);
    assertThat(answer.statusCode())
        .as("%s", new String(answer.body(), StandardCharsets.UTF_8))
        .isEqualTo(202);
    return calls.await(Calls.json(answer).get("id").asText());
  }

  @Test
  void eventsShowPreviewsAndTheEnd() throws Exception {
    String id =
        calls.postJson("/api/v1/edits", EDIT.formatted(calls.sendCat(), 4)).get("id").asText();
    HttpResponse<byte[]> events = calls.get("/api/v1/jobs/" + id + "/events");
    assertThat(events.headers().firstValue("Content-Type")).hasValue("text/event-stream");
    String text = new String(events.body(), StandardCharsets.UTF_8);
    assertThat(text)
        .contains("event: progress\ndata: {\"state\":\"running\"", "event: preview\ndata: ")
        .contains("event: end\ndata: {\"state\":\"done\"");
    String preview = text.replaceAll("(?s).*?base64,([^\"]*)\".*", "$1");
    assertThat(PictureFiles.read(Base64.getDecoder().decode(preview)).getWidth()).isEqualTo(64);
  }

  @Test
  void aRunningEditIsCancelled() throws Exception {
    String id =
        calls.postJson("/api/v1/edits", EDIT.formatted(calls.sendCat(), 200)).get("id").asText();
    while (!calls.getJson("/api/v1/jobs/" + id).get("state").asText().equals("running")) {
      Thread.sleep(10);
    }
    assertThat(calls.delete("/api/v1/jobs/" + id).statusCode()).isEqualTo(204);
    assertThat(calls.await(id).get("state").asText()).isEqualTo("cancelled");
    assertThat(calls.get("/api/v1/jobs/" + id + "/image").statusCode()).isEqualTo(409);
    assertThat(calls.delete("/api/v1/jobs/" + id).statusCode()).isEqualTo(204);
    assertThat(calls.get("/api/v1/jobs/" + id).statusCode()).isEqualTo(404);
  }

  @Test
  void aMaskIsKeptWithItsEdit() throws Exception {
    String cat = Calls.dataUrl(Calls.cat());
    String edit = EDIT.replace("}", ", \"mask\": \"" + cat + "\"}").formatted(calls.sendCat(), 2);
    JsonNode job = edited(edit);
    assertThat(job.get("state").asText()).as("%s", job).isEqualTo("done");
    assertThat(job.at("/settings/mask").asBoolean()).isTrue();
    String id = job.get("id").asText();
    assertThat(PictureFiles.read(calls.get("/api/v1/jobs/" + id + "/mask").body()).getRGB(20, 20))
        .isEqualTo(PictureFiles.read(Calls.cat()).getRGB(20, 20));
    JsonNode published =
        calls.postJson("/api/v1/edits", edit.replace("{", "{\"method\": \"published\", "));
    assertThat(published.at("/error/message").asText())
        .isEqualTo("mask does not go with the method published");
    assertThat(calls.getJson("/api/v1/info").get("mask_methods"))
        .isEqualTo(Calls.JSON.readTree("[\"beside-trajectory\"]"));
  }

  /** Unless it is to be kept; followers alone count. */
  @Test
  void aJobThatIsLeftIsCancelled() throws Exception {
    String edit = EDIT.formatted(calls.sendCat(), 200);
    String left = calls.postJson("/api/v1/edits", edit).get("id").asText();
    String kept =
        calls.postJson("/api/v1/edits", edit.replace("}", ", \"keep\": true}")).get("id").asText();
    for (String job : new String[] {left, kept}) {
      try (Socket socket = new Socket(server.address().getHost(), server.address().getPort())) {
        String request = "GET /api/v1/jobs/%s/events HTTP/1.1\r\n%s\r\n\r\n";
        socket
            .getOutputStream()
            .write(request.formatted(job, calls.host()).getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isPositive();
      }
    }
    assertThat(calls.await(left).get("state").asText()).isEqualTo("cancelled");
    assertThat(calls.getJson("/api/v1/jobs/" + kept).get("state").asText())
        .isIn("queued", "running");
    assertThat(calls.delete("/api/v1/jobs/" + kept).statusCode()).isEqualTo(204);
  }

  @Test
  void wordsShowWhereTheyLook() throws Exception {
    String picture = calls.sendCat();
    String request = "{\"picture\": \"%s\", \"caption\": \"a gray cat\", \"steps\": 2}";
    String id = calls.postJson("/api/v1/inversions", request.formatted(picture)).get("id").asText();
    String inversion = calls.await(id).get("inversion").asText();
    JsonNode maps = calls.getJson("/api/v1/inversions/" + inversion + "/attention");
    assertThat(maps.get("words")).hasSize(3);
    byte[] heat = Base64.getDecoder().decode(maps.at("/words/2/heat").asText());
    assertThat(maps.at("/words/2/word").asText()).isEqualTo("cat");
    assertThat(heat).hasSize(16 * 16).contains(0, (byte) 255);
  }

  @Test
  void theCaptionerIsAsked() throws Exception {
    String picture = calls.sendCat();
    HttpResponse<byte[]> answer = calls.post("/api/v1/pictures/" + picture + "/caption", "");
    assertThat(Calls.json(answer).get("caption").asText()).isEqualTo("a cat");
    JsonNode job =
        edited(
            "{\"picture\": \"%s\", \"prompt\": \"cat -> dog\", \"steps\": 2}".formatted(picture));
    assertThat(job.get("understood").asText()).isEqualTo("a dog");
  }

  @Test
  void wrongParametersAreNamed() throws Exception {
    String picture = calls.sendCat();
    ByteArrayOutputStream small = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(64, 32, BufferedImage.TYPE_INT_RGB), "png", small);
    for (String field :
        new String[] {
          "steps\": 201",
          "steps\": 0",
          "n\": 5",
          "method\": \"x\"",
          "strength\": \"a\"",
          "strength\": 6",
          "seed\": 9007199254740992",
          "mask\": \"" + Calls.dataUrl(small.toByteArray()) + "\"",
          "mask\": \"data:,x\""
        }) {
      JsonNode answer =
          calls.postJson(
              "/api/v1/edits",
              "{\"picture\": \"%s\", \"target\": \"a dog\", \"%s}".formatted(picture, field));
      assertThat(answer.at("/error/param").asText())
          .as("%s", answer)
          .isEqualTo(field.substring(0, field.indexOf('"')));
    }
  }

  @Test
  void healthAndMetrics() throws Exception {
    assertThat(calls.getJson("/healthz").get("status").asText()).isEqualTo("ok");
    assertThat(new String(calls.get("/metrics").body(), StandardCharsets.UTF_8))
        .contains(
            "pix2pixzero_jobs_waiting", "pix2pixzero_requests_seconds_count{route=\"/healthz\"");
    calls.get("/a/name/of/ones/own");
    assertThat(new String(calls.get("/metrics").body(), StandardCharsets.UTF_8))
        .contains("route=\"none\"")
        .doesNotContain("ones");
    try (EditServer plain = TestServers.start()) {
      assertThat(new Calls(plain).get("/metrics").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void theDescriptionHasTheRoutes() throws Exception {
    JsonNode description =
        Calls.JSON.readTree(
            Resources.toByteArray(Resources.getResource(EditServer.class, "openapi.json")));
    Set<String> described = new TreeSet<>();
    for (var path : description.get("paths").properties()) {
      for (var operation : path.getValue().properties()) {
        described.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
      }
    }
    Set<String> there = new TreeSet<>();
    for (Route route : server.routes()) {
      if (route.path().startsWith("/api/")) {
        there.add(route.method() + " " + route.path());
      }
    }
    assertThat(described).isEqualTo(there);
    assertThat(calls.get("/api/v1/openapi.json").statusCode()).isEqualTo(200);
  }

  @Test
  void othersMayNotBeAsked() throws Exception {
    HttpResponse<byte[]> answer = calls.delete("/api/v1/edits");
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).isEqualTo(Optional.of("POST"));
  }
}
