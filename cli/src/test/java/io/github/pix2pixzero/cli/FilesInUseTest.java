package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesInUseTest {
  @TempDir Path folder;
  private Path cat;
  private Path linked;

  @BeforeEach
  void prepare() throws IOException {
    cat = Files.writeString(folder.resolve("cat-step-001.png"), "");
    linked = Files.createSymbolicLink(folder.resolve("linked"), folder);
  }

  @Test
  void findsAFileUnderItsOtherNames() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link.png"), cat);
    for (Path other :
        List.of(cat, link, linked.resolve(cat.getFileName()), linked.resolve("linked/link.png"))) {
      FilesInUse files = new FilesInUse().reads("INPUT", cat);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> files.writes("--output", other))
          .withMessage(other + " would be overwritten: INPUT and --output are the same file");
    }
  }

  @Test
  void twoResultsAreTwoFilesAlsoIfNeitherIsThere() {
    FilesInUse files = new FilesInUse().writes("--output", folder.resolve("new.png"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> files.writes("--save-latents", linked.resolve("new.png")))
        .withMessageStartingWith("--output and --save-latents are the same file: ");
    assertThatCode(() -> files.writes("--save-latents", linked.resolve("other.png")))
        .doesNotThrowAnyException();
  }

  @Test
  void aLinkIsTheFileThatItWillMake() throws IOException {
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling.png"), Path.of("new.png"));
    FilesInUse files = new FilesInUse().writes("--output", folder.resolve("new.png"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> files.writes("--save-reconstruction", dangling))
        .withMessageStartingWith("--output and --save-reconstruction are the same file: ");
  }

  @Test
  void sparesTheFilesOfAModel() throws IOException {
    Path model = Files.createDirectories(folder.resolve("model/vae"));
    Path weights = Files.writeString(model.resolve("weights.safetensors"), "");
    FilesInUse files = new FilesInUse().reads("--model", folder.resolve("model"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> files.writes("--save-latents", linked.resolve("model/vae/weights.safetensors")))
        .withMessageEndingWith("would be overwritten: it is one of the files of --model");
    assertThatCode(() -> files.writes("--save-latents", model.resolve("latents.safetensors")))
        .doesNotThrowAnyException();
    assertThat(weights).exists();
  }

  @Test
  void whatGoesIntoAFolderSparesItsPictures() {
    FilesInUse files = new FilesInUse().reads("INPUT", cat);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> files.writesInto("--preview-dir", linked, Pattern.compile("cat-step-\\d+.png")))
        .withMessageContaining("might be overwritten by what goes into --preview-dir");
    assertThatCode(
            () -> files.writesInto("--preview-dir", linked, Pattern.compile("dog-step-\\d+.png")))
        .doesNotThrowAnyException();
  }
}
