package io.github.pix2pixzero.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.MultipartField;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.models.images.Image;
import com.openai.models.images.ImageEditParams;
import com.openai.models.images.ImageEditStreamEvent;
import com.openai.models.images.ImageGenerateParams;
import dev.langchain4j.model.openai.OpenAiImageModel;
import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The clients that people use, as they are published, against a running server. */
class OpenAiClientsTest {
  private static EditServer server;
  private static Calls calls;
  private static OpenAIClient client;

  @BeforeAll
  static void start() throws IOException {
    server = TestServers.start();
    calls = new Calls(server);
    client =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.address() + "/v1")
            .apiKey("none is needed")
            .maxRetries(0)
            .timeout(Duration.ofMinutes(3))
            .build();
  }

  @AfterAll
  static void stop() throws IOException {
    client.close();
    server.close();
  }

  /**
   * Steps are beyond OpenAI's interface; the least quality has 8, which tests need not wait for.
   */
  private static ImageEditParams.Builder edit() throws IOException {
    return ImageEditParams.builder()
        .image(
            MultipartField.<ImageEditParams.Image>builder()
                .value(ImageEditParams.Image.ofInputStream(new ByteArrayInputStream(Calls.cat())))
                .filename("cat.png")
                .contentType("image/png")
                .build())
        .model("toy-world")
        .putAdditionalBodyProperty("steps", JsonValue.from(3))
        .putAdditionalBodyProperty("caption", JsonValue.from("a photo of a gray cat in the snow"));
  }

  @Test
  void openAiJavaEdits() throws IOException {
    List<Image> images =
        client.images().edit(edit().prompt("cat -> dog").n(2).build()).data().orElseThrow();
    assertThat(images).hasSize(2);
    assertThat(images.get(0).revisedPrompt()).hasValue("a photo of a gray dog in the snow");
    BufferedImage dog = decoded(images.get(0).b64Json().orElseThrow());
    assertThat(dog.getWidth()).isEqualTo(64);
  }

  @Test
  void openAiJavaStreams() throws IOException {
    List<String> events = new ArrayList<>();
    ImageEditParams params = edit().prompt("cat -> dog").partialImages(2).build();
    try (StreamResponse<ImageEditStreamEvent> stream = client.images().editStreaming(params)) {
      stream.stream()
          .forEach(
              event -> {
                events.add(event.isCompleted() ? "completed" : "partial");
                String picture =
                    event.isCompleted()
                        ? event.asCompleted().b64Json()
                        : event.asPartialImage().b64Json();
                assertThat(picture).startsWith("iVBOR"); // a PNG
              });
    }
    assertThat(events).startsWith("partial").endsWith("completed").hasSizeBetween(2, 4);
  }

  @Test
  void openAiJavaGenerates() {
    ImageGenerateParams params =
        ImageGenerateParams.builder()
            .prompt("a photo of a cat on a beach")
            .model("toy-world")
            .size("64x64")
            .putAdditionalBodyProperty("steps", JsonValue.from(2))
            .build();
    assertThat(client.images().generate(params).data().orElseThrow()).hasSize(1);
    assertThat(client.models().list().data().get(0).id()).isEqualTo("toy-world");
  }

  @Test
  void openAiJavaHearsWhatIsWrong() throws IOException {
    ImageEditParams params = edit().prompt("cat -> dog").size("512x512").build();
    assertThatThrownBy(() -> client.images().edit(params))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("size should be auto or that of the picture, 64x64");
  }

  @Test
  void langChain4jEdits() throws IOException {
    OpenAiImageModel model =
        OpenAiImageModel.builder()
            .baseUrl(server.address() + "/v1")
            .apiKey("none is needed")
            .modelName("toy-world")
            .quality("low")
            .timeout(Duration.ofMinutes(3))
            .maxRetries(0)
            .build();
    dev.langchain4j.data.image.Image cat =
        dev.langchain4j.data.image.Image.builder()
            .base64Data(Base64.getEncoder().encodeToString(Calls.cat()))
            .mimeType("image/png")
            .build();
    dev.langchain4j.data.image.Image dog = model.edit(cat, "replace the cat with a dog").content();
    assertThat(decoded(dog.base64Data()).getHeight()).isEqualTo(64);
    assertThat(dog.revisedPrompt()).isEqualTo("a photo of a dog");
  }

  private static BufferedImage decoded(String base64) throws IOException {
    return PictureFiles.read(Base64.getDecoder().decode(base64));
  }

  // ------------------------------------------------------------------ bodies

  /** As Open WebUI sends it. */
  @Test
  void formsAreRead() throws Exception {
    byte[] body =
        form(
            Calls.cat(),
            "model=toy-world",
            "prompt=cat -> dog",
            "n=1",
            "size=64x64",
            "response_format=b64_json",
            "steps=2");
    HttpResponse<byte[]> answer =
        calls.post("/v1/images/edits", "multipart/form-data; boundary=xyz", body);
    assertThat(answer.statusCode())
        .as("%s", new String(answer.body(), StandardCharsets.UTF_8))
        .isEqualTo(200);
    assertThat(Calls.json(answer).get("data")).hasSize(1);
  }

  private static byte[] form(byte[] image, String... fields) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String field : fields) {
      String[] pair = field.split("=", 2);
      out.write(
          "--xyz\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
              .formatted(pair[0], pair[1])
              .getBytes(StandardCharsets.UTF_8));
    }
    out.write(
        ("--xyz\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"a.png\"\r\n"
                + "Content-Type: image/png\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    out.write(image);
    out.write("\r\n--xyz--\r\n".getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  private static final String JSON =
      "{\"images\": [{\"image_url\": \"%s\"}], \"prompt\": \"cat -> dog\", \"steps\": 2 %s}";

  /** Each half changes more where it may than where only the other one may. */
  @Test
  void whatAMaskHidesStays() throws Exception {
    BufferedImage left = masked(0);
    BufferedImage right = masked(32);
    assertThat(difference(left, 0, 32)).isGreaterThan(difference(right, 0, 32));
    assertThat(difference(right, 32, 64)).isGreaterThan(difference(left, 32, 64));
    JsonNode opaque =
        calls.postJson(
            "/v1/images/edits",
            JSON.formatted(
                Calls.dataUrl(Calls.cat()), ", \"mask\": \"" + Calls.dataUrl(Calls.cat()) + "\""));
    assertThat(opaque.at("/error/param").asText()).isEqualTo("mask");
  }

  /** An edit with a mask that is transparent in 32 columns. */
  private static BufferedImage masked(int from) throws Exception {
    BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 32; x++) {
        mask.setRGB(32 - from + x, y, 0xffffffff);
      }
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(mask, "png", png);
    String more = ", \"mask\": {\"image_url\": \"" + Calls.dataUrl(png.toByteArray()) + "\"}";
    JsonNode answer =
        calls.postJson("/v1/images/edits", JSON.formatted(Calls.dataUrl(Calls.cat()), more));
    return decoded(answer.at("/data/0/b64_json").asText());
  }

  private static long difference(BufferedImage picture, int from, int to) throws IOException {
    BufferedImage cat = PictureFiles.read(Calls.cat());
    long sum = 0;
    for (int y = 0; y < 64; y++) {
      for (int x = from; x < to; x++) {
        sum += Math.abs((picture.getRGB(x, y) & 0xff) - (cat.getRGB(x, y) & 0xff));
      }
    }
    return sum;
  }

  @Test
  void formatsAndAddresses() throws Exception {
    String more = ", \"response_format\": \"url\", \"output_format\": \"jpeg\"";
    JsonNode answer =
        calls.postJson("/v1/images/edits", JSON.formatted(Calls.dataUrl(Calls.cat()), more));
    String address = answer.at("/data/0/url").asText();
    byte[] jpeg = calls.get(address.substring(server.address().toString().length())).body();
    assertThat(jpeg).startsWith(0xff, 0xd8);
  }

  @Test
  void equalRequestsHaveEqualResults() throws Exception {
    String body = JSON.formatted(Calls.dataUrl(Calls.cat()), ", \"seed\": 5");
    assertThat(calls.postJson("/v1/images/edits", body).at("/data/0/b64_json"))
        .isEqualTo(calls.postJson("/v1/images/edits", body).at("/data/0/b64_json"));
  }

  @ParameterizedTest
  @CsvSource({
    "background, \"transparent\"",
    "output_format, \"webp\"",
    "output_compression, 50",
    "input_fidelity, \"low\"",
    "n, 5",
    "quality, \"best\"",
    "model, \"gpt-image-1\"",
    "partial_images, 2",
    "size, \"1x1\"",
    "style, \"vivid\"",
    "temperature, 1"
  })
  void whatCannotBeHonouredIsNamed(String name, String value) throws Exception {
    HttpResponse<byte[]> answer =
        calls.post(
            "/v1/images/edits",
            JSON.formatted(Calls.dataUrl(Calls.cat()), ", \"%s\": %s".formatted(name, value)));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(Calls.json(answer).at("/error/param").asText()).isEqualTo(name);
  }

  /** Whoever waits for an answer and goes away no longer needs it. */
  @Test
  void aClientThatGoesAwayCancelsItsJob() throws Exception {
    byte[] body =
        JSON.formatted(Calls.dataUrl(Calls.cat()), "")
            .replace("\"steps\": 2", "\"steps\": 200")
            .getBytes(StandardCharsets.UTF_8);
    try (Socket socket = new Socket(server.address().getHost(), server.address().getPort())) {
      String head =
          "POST /v1/images/edits HTTP/1.1\r\n%s\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n"
              .formatted(calls.host(), body.length);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      socket.getOutputStream().flush();
      awaitRunning(1);
    }
    awaitRunning(0);
    JsonNode jobs = calls.getJson("/api/v1/jobs").get("jobs");
    assertThat(jobs.get(0).get("state").asText()).isEqualTo("cancelled");
  }

  private static void awaitRunning(int count) throws Exception {
    for (int i = 0; i < 1200; i++) {
      if (calls.getJson("/healthz").get("running").asInt() == count) {
        return;
      }
      Thread.sleep(25);
    }
    throw new AssertionError("expected " + count + " jobs at work");
  }
}
