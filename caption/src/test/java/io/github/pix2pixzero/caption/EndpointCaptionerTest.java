package io.github.pix2pixzero.caption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import io.github.pix2pixzero.direction.ChatEndpoint;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server of this process. */
class EndpointCaptionerTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Deque<String> answers = new ArrayDeque<>();
  private final List<JsonNode> requests = new ArrayList<>();
  private final BufferedImage picture = new BufferedImage(1000, 10, BufferedImage.TYPE_INT_ARGB);
  private HttpServer server;
  private Captioner captioner;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          requests.add(JSON.readTree(exchange.getRequestBody()));
          Map<String, ?> message = Map.of("message", Map.of("content", answers.poll()));
          byte[] body = JSON.writeValueAsBytes(Map.of("choices", List.of(message)));
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    URI url = URI.create("http://localhost:" + server.getAddress().getPort() + "/v1");
    captioner =
        new EndpointCaptioner(
            new ChatEndpoint(ChatEndpoint.Settings.of(url, Optional.empty(), "llava")));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void takesTheSentence() throws Exception {
    answers.add("\"A cat on a sofa.\"\n\nI hope this helps!");

    assertThat(captioner.caption(picture, Optional.empty())).isEqualTo("A cat on a sofa");
  }

  @Test
  void sendsThePictureNoLargerThanNeeded() throws Exception {
    answers.add("a line");
    captioner.caption(picture, Optional.empty());

    String url = requests.get(0).at("/messages/0/content/1/image_url/url").asText();
    String start = "data:image/jpeg;base64,";
    assertThat(url).startsWith(start);
    byte[] jpeg = Base64.getDecoder().decode(url.substring(start.length()));
    BufferedImage sent = ImageIO.read(new ByteArrayInputStream(jpeg));
    assertThat(sent.getWidth()).isEqualTo(768);
    assertThat(sent.getHeight()).isEqualTo(8);
  }

  @Test
  void asksAgainUntilTheWordIsThere() throws Exception {
    answers.add("a kitten");
    answers.add("a catastrophe");
    answers.add("A Cat, asleep");

    assertThat(captioner.caption(picture, Optional.of("cat"))).isEqualTo("A Cat, asleep");
    assertThat(requests.get(0).at("/messages/0/content/0/text").asText())
        .contains("must have \"cat\" in it");
  }

  @Test
  void givesUpOnAModelThatDoesNotListen() {
    answers.add("a kitten");
    answers.add("cat ".repeat(41));
    answers.add("a dog");

    assertThatIOException()
        .isThrownBy(() -> captioner.caption(picture, Optional.of("cat")))
        .withMessageContaining("llava at http")
        .withMessageEndingWith(
            "gave no caption of at most 40 words with \"cat\" in it, but: a dog");
  }

  @Test
  void theWordAloneIsACaptionToo() {
    WordCaptioner words = new WordCaptioner();

    assertThat(words.caption(picture, Optional.of("owl"))).isEqualTo("a photo of an owl");
    assertThat(words.caption(picture, Optional.empty())).isEmpty();
  }
}
