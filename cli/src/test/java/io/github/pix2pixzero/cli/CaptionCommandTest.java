package io.github.pix2pixzero.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.github.pix2pixzero.InversionFile;
import io.github.pix2pixzero.picture.PngTexts;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands whose pictures are looked at: by a BLIP of random weights, which says nonsense. */
class CaptionCommandTest {
  /** The model that BlipModelTest reads. */
  private static final Path BLIP = Path.of("../caption/src/test/resources/model");

  @TempDir Path folder;
  private Path cat;

  @BeforeEach
  void prepare() throws IOException {
    cat = CommandLineRun.example("cat.png", folder);
  }

  @Test
  void saysWhatPicturesShow() throws IOException {
    CommandLineRun run = CommandLineRun.of("caption", cat, "--captioner", BLIP, "--word", "bird");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(1);
    assertThat(run.out()).startsWith("a photo of a bird");

    Path dog = CommandLineRun.example("dog.png", folder);
    CommandLineRun two = CommandLineRun.of("caption", cat, dog, "--captioner", BLIP);
    assertThat(two.out().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith(cat + ": ").hasSizeGreaterThan(20),
            line -> assertThat(line).startsWith(dog + ": "));
  }

  @Test
  void anEditStartsFromWhatWasSaid() throws IOException {
    Path output = folder.resolve("dog.png");
    CommandLineRun run =
        CommandLineRun.of(
            "edit",
            cat,
            "-o",
            output,
            "--from",
            "cat",
            "--to",
            "dog",
            "--steps",
            1,
            "--captioner",
            BLIP);
    assertThat(run.code()).as(run.err()).isZero();
    String said = run.out().lines().findFirst().orElseThrow();
    assertThat(said).startsWith(cat + " shows: a photo of a cat");
    assertThat(said).endsWith(" (says model)");
    String caption = said.substring(said.indexOf(": ") + 2, said.indexOf(" (says"));
    assertThat(PngTexts.read(output).get(PngTexts.PARAMETERS))
        .startsWith(caption + "\n")
        .contains("Captioner: model")
        .contains("Target caption: " + caption.replace("a cat", "a dog"));
  }

  @Test
  void anInversionKeepsWhatWasSaid() throws IOException {
    Path output = folder.resolve("cat.safetensors");
    CommandLineRun run =
        CommandLineRun.of("invert", cat, "-o", output, "--steps", 1, "--captioner", BLIP);
    assertThat(run.code()).as(run.err()).isZero();
    String caption = InversionFile.read(output, Backends.named("plain", 1)).caption();
    assertThat(caption).isNotEmpty();
    assertThat(run.out()).startsWith(cat + " shows: " + caption);
  }

  @Test
  void attentionShowsTheWordsThatWereSaid() {
    Path sheet = folder.resolve("words.png");
    CommandLineRun run =
        CommandLineRun.of("attention", cat, "-o", sheet, "--steps", 1, "--captioner", BLIP);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).startsWith(cat + " shows: ").contains("wrote " + sheet + ", words: ");
  }

  @ParameterizedTest
  @CsvSource({"invert, x.safetensors", "attention, x.png"})
  void whatDoesNotGoTogetherIsSaidFirst(String command, String name) {
    Path output = folder.resolve(name);
    CommandLineRun unnamed =
        CommandLineRun.of(command, cat, "-o", output, "--captioner", "endpoint");
    assertThat(unnamed.code()).isEqualTo(2);
    assertThat(unnamed.err()).contains("--captioner endpoint and --caption-model go together");
    CommandLineRun two =
        CommandLineRun.of(command, cat, "-o", output, "--caption", "a cat", "--captioner", BLIP);
    assertThat(two.code()).isEqualTo(2);
    assertThat(two.err()).contains("--captioner does not go with --caption");
  }

  @Test
  void aLanguageModelMayLook() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
    List<String> asked = new ArrayList<>();
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          asked.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          byte[] answer =
              "{\"choices\": [{\"message\": {\"content\": \"A cat.\"}}]}".getBytes(UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    try {
      CommandLineRun run =
          CommandLineRun.of(
              "caption",
              cat,
              "--captioner",
              "endpoint",
              "--caption-model",
              "llava",
              "--chat-url",
              "http://localhost:" + server.getAddress().getPort() + "/v1");
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.out()).isEqualTo("A cat" + System.lineSeparator());
      assertThat(asked).hasSize(1);
      assertThat(asked.get(0)).contains("llava", "data:image/jpeg;base64,");
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "caption cat.png, say who looks",
    "caption cat.png --captioner endpoint, --captioner endpoint and --caption-model go together",
    "invert cat.png -o x.safetensors --caption-model m, --captioner endpoint and --caption-model go together",
    "invert cat.png -o x.safetensors --caption a --captioner d, --captioner does not go with --caption",
    "attention cat.png -o x.png, INPUT needs --caption or --captioner",
    "attention cat.png -o x.png --caption=, INPUT needs --caption or --captioner",
    "edit cat.png -o x.png --from a --to b --caption c --captioner d, does not go with --caption",
    "edit cat.png -o x.png --from a --to b --chat-timeout 0 --chat-model m, should be 1 or more",
    "edit cat.png -o x.png --from a --to b --chat-url http://a, go with --chat-model"
  })
  void refusesWhatMakesNoSense(String arguments, String message) {
    CommandLineRun run = CommandLineRun.of((Object[]) arguments.split(" "));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  @Test
  void saysThatThereIsNoSuchCaptioner() {
    CommandLineRun run = CommandLineRun.of("caption", cat, "--captioner", folder.resolve("nope"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("no such folder or file: " + folder.resolve("nope"));
  }
}
