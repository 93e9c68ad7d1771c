package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.hub.testing.LocalHub;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands with names of the hub, each in a process of its own, as they are typed. */
class HubCommandsTest {
  private static final Path TOY = Path.of("../toy-world/model");
  private static final String EDIT =
      "edit cat.png -o dog.png --from cat --to dog%s --model toy/world"
          .formatted(CommandProcess.QUICK);

  @TempDir Path folder;
  private LocalHub hub;

  @BeforeEach
  void start() throws IOException {
    hub = new LocalHub("toy/world").all(TOY).large("weights.ckpt", new byte[100]);
    CommandLineRun.example("cat.png", folder);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  @Test
  void pullThenEditWithoutTheHub() throws Exception {
    CommandLineRun pull = run("pull toy/world");
    assertThat(pull.code()).as(pull.err()).isZero();
    assertThat(pull.err()).matches("(?s).*downloading, \\d+ MiB\\R.*");
    Path snapshot = Path.of(pull.out().strip());
    assertThat(snapshot)
        .isEqualTo(folder.resolve("cache/models--toy--world/snapshots").resolve(LocalHub.COMMIT));
    assertThat(snapshot.resolve("unet/config.json")).isRegularFile();
    assertThat(snapshot.resolve("README.md")).doesNotExist();
    assertThat(snapshot.resolve("weights.ckpt")).doesNotExist();

    hub.close();
    CommandLineRun edit = run(EDIT);
    assertThat(edit.code()).as(edit.err()).isZero();
    assertThat(edit.err()).doesNotContain("downloading");
    assertThat(PictureFiles.read(folder.resolve("dog.png")).getWidth()).isPositive();
    CommandLineRun info = run("info dog.png");
    assertThat(info.out()).contains("toy/world");
  }

  @Test
  void editDownloadsWhatItNeeds() throws Exception {
    CommandLineRun edit = run(EDIT + "@main");

    assertThat(edit.code()).as(edit.err()).isZero();
    assertThat(edit.err()).contains("downloading, ").contains("loading, ");
    assertThat(folder.resolve("dog.png")).exists();
  }

  @Test
  void aFolderOfThatNameWins() throws Exception {
    Files.createDirectories(folder.resolve("toy/world"));

    CommandLineRun edit = run(EDIT);

    assertThat(edit.code()).isEqualTo(1);
    assertThat(edit.err()).contains("toy/world is not a diffusers checkpoint: it has no unet");
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void whatIsNowhereIsSaidToBeNowhere() throws Exception {
    CommandLineRun unknown = run("edit cat.png -o dog.png --from cat --to dog --model toy/unknown");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err())
        .contains("no such folder or file: toy/unknown, and there is no model toy/unknown at");

    CommandLineRun pull = run("pull toy/unknown");
    assertThat(pull.code()).isEqualTo(1);
    assertThat(pull.err()).contains("there is no model toy/unknown at").hasLineCount(1);

    CommandLineRun name = run("pull world");
    assertThat(name.code()).isEqualTo(2);
    assertThat(name.err()).contains("expected ORG/NAME or ORG/NAME@REVISION, not world");
  }

  private CommandLineRun run(String command) throws IOException, InterruptedException {
    return CommandProcess.run(command, folder, hub.environment(folder.resolve("cache")));
  }
}
