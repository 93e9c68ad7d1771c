package io.github.pix2pixzero.tensor.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path directory;

  @Test
  void createsAndReplaces() throws IOException {
    Path target = directory.resolve("picture.png");
    AtomicFiles.write(target, out -> out.write(new byte[100_000]));
    assertThat(target).hasSize(100_000);
    AtomicFiles.write(target, out -> out.write("new".getBytes(UTF_8)));
    assertThat(target).hasContent("new");
    assertThat(directory.toFile().list()).containsExactly("picture.png");
  }

  @Test
  void theContentMayCloseTheStream() throws IOException {
    Path target = directory.resolve("picture.png");
    AtomicFiles.write(
        target,
        out -> {
          out.write('x');
          out.close();
        });
    assertThat(target).hasContent("x");
  }

  @Test
  void theTargetKeepsItsOldContentUntilTheEnd() throws IOException {
    Path target = directory.resolve("picture.png");
    Files.writeString(target, "old");
    AtomicFiles.write(
        target,
        out -> {
          out.write(new byte[1_000_000]);
          assertThat(target).hasContent("old");
        });
    assertThat(target).hasSize(1_000_000);
  }

  @Test
  void afterAFailureEverythingIsAsBefore() throws IOException {
    Path target = directory.resolve("picture.png");
    Files.writeString(target, "old");
    for (var failure :
        new Throwable[] {new IOException("no"), new UncheckedIOException(new IOException("no"))}) {
      assertThatThrownBy(
              () ->
                  AtomicFiles.write(
                      target,
                      out -> {
                        out.write(new byte[1_000_000]);
                        if (failure instanceof IOException e) {
                          throw e;
                        }
                        throw (RuntimeException) failure;
                      }))
          .isSameAs(failure);
      assertThat(target).hasContent("old");
      assertThat(directory.toFile().list()).containsExactly("picture.png");
    }
  }

  @Test
  void aMissingDirectoryIsReportedAsSuch() {
    Path target = directory.resolve("missing").resolve("picture.png");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> AtomicFiles.write(target, out -> out.write(0)));
  }
}
