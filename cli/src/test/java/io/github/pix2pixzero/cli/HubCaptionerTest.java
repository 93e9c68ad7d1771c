package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.hub.testing.LocalHub;
import io.github.pix2pixzero.picture.PngTexts;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** BLIP by its name on the hub: a tiny one of random weights, which says nonsense. */
class HubCaptionerTest {
  private static final String NAME = "Salesforce/blip-image-captioning-base";
  private static final Path BLIP = Path.of("../caption/src/test/resources/model");
  private static final String EDIT =
      "edit cat.png -o dog.png --from cat --to dog" + CommandProcess.QUICK;

  @TempDir Path folder;
  private LocalHub hub;

  @BeforeEach
  void start() throws IOException {
    hub = new LocalHub(NAME).all(BLIP).large("pytorch_model.bin", new byte[100]);
    CommandLineRun.example("cat.png", folder);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  @Test
  void looksOnceItHasBeenPulled() throws Exception {
    CommandLineRun info = run("info " + NAME);
    assertThat(info.code()).as(info.err()).isZero();
    assertThat(info.out())
        .containsPattern("kind +a model of the hub, to be downloaded yet")
        .contains("model.safetensors")
        .doesNotContain("pytorch_model.bin");
    assertThat(hub.requests()).noneMatch(request -> request.path().contains("/resolve/"));

    CommandLineRun pull = run("pull " + NAME);
    assertThat(pull.code()).as(pull.err()).isZero();
    Path snapshot = Path.of(pull.out().strip());
    assertThat(snapshot.resolve("vocab.txt")).isRegularFile();
    assertThat(snapshot.resolve("pytorch_model.bin")).doesNotExist();

    hub.close();
    CommandLineRun edit = run(EDIT);
    assertThat(edit.code()).as(edit.err()).isZero();
    String said = edit.out().lines().findFirst().orElseThrow();
    assertThat(said).startsWith("cat.png shows: a photo of a cat").endsWith("(says " + NAME + ")");
    assertThat(PngTexts.read(folder.resolve("dog.png")).get(PngTexts.PARAMETERS))
        .startsWith(said.substring(15, said.indexOf(" (says")))
        .contains("Captioner: " + NAME);

    CommandLineRun alone = run(EDIT + " --captioner none");
    assertThat(alone.out()).startsWith("wrote dog.png");
    assertThat(run("info " + NAME).out()).containsPattern("kind +BLIP, which --captioner takes");
  }

  @Test
  void isNotDownloadedUnasked() throws Exception {
    assertThat(run(EDIT).out()).startsWith("wrote dog.png");
    CommandLineRun caption = run("caption cat.png");
    assertThat(caption.code()).isEqualTo(2);
    assertThat(caption.err()).contains("say who looks: --captioner");
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void isDownloadedWhereItIsNamed() throws Exception {
    CommandLineRun caption = run("caption cat.png --threads 1 --captioner " + NAME + "@main");
    assertThat(caption.code()).as(caption.err()).isZero();
    assertThat(caption.err()).contains("downloading, ");
    assertThat(caption.out().lines()).hasSize(1);
    assertThat(caption.out().strip()).isNotEmpty();

    CommandLineRun unknown = run("caption cat.png --verbose --captioner Salesforce/unknown");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err())
        .contains("\tat ")
        .contains("no such folder or file: Salesforce/unknown, and there is no model");
  }

  private CommandLineRun run(String command) throws IOException, InterruptedException {
    return CommandProcess.run(command, folder, hub.environment(folder.resolve("cache")));
  }
}
