package io.github.pix2pixzero.tensor.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
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

  @Test
  void anyLegalNameIsWritten() throws IOException {
    for (String name : new String[] {"x".repeat(251) + ".png", "猫".repeat(83) + ".png"}) {
      Path target = directory.resolve(name);
      AtomicFiles.check(target);
      AtomicFiles.write(target, out -> out.write('x'));
      assertThat(target).hasContent("x");
    }
    Path tooLong = directory.resolve("x".repeat(256));
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> AtomicFiles.check(tooLong))
        .withMessageContaining("xxx");
  }

  @Test
  void linksAreFollowed() throws IOException {
    Path real = Files.createDirectory(directory.resolve("real")).resolve("picture.png");
    Path link = Files.createSymbolicLink(directory.resolve("link.png"), Path.of("other.png"));
    Files.createSymbolicLink(directory.resolve("other.png"), Path.of("real", "picture.png"));
    for (String content : new String[] {"new", "newer"}) { // at first it leads to nothing
      AtomicFiles.write(link, out -> out.write(content.getBytes(UTF_8)));
      assertThat(link).isSymbolicLink();
      assertThat(real).isRegularFile().hasContent(content);
    }
    Path circle = Files.createSymbolicLink(directory.resolve("circle"), Path.of("circle"));
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> AtomicFiles.write(circle, out -> out.write(0)))
        .withMessageContaining("leads nowhere");
  }

  @Test
  void permissionsStay() throws IOException {
    Path target = Files.writeString(directory.resolve("picture.png"), "old");
    for (String permissions : new String[] {"rw-------", "rw-rw-rw-", "r--r--r--"}) {
      Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(permissions));
      AtomicFiles.write(
          target,
          out -> {
            Path temporary = directory.resolve(temporaries().get(0));
            assertThat(Files.getPosixFilePermissions(target))
                .containsAll(Files.getPosixFilePermissions(temporary));
          });
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
          .isEqualTo(permissions);
    }
  }

  @Test
  void foldersAndDevicesAreNotReplaced() throws IOException {
    for (Path target : List.of(directory, Path.of("/dev/null"))) {
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> AtomicFiles.write(target, out -> out.write(0)))
          .withMessageStartingWith(target + ": is a ");
    }
  }

  /**
   * Another process is killed in the middle of writing; the next one tidies up, but not at once.
   */
  @Test
  void whatAKilledWriterLeavesIsRemovedByTheNext() throws Exception {
    Path target = directory.resolve("picture.png");
    Process writer =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                StuckWriter.class.getName(),
                target.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(writer.getInputStream().read()).isEqualTo('w');
    String leftover = temporaries().get(0);
    Files.setLastModifiedTime(directory.resolve(leftover), FileTime.from(Instant.EPOCH));

    TemporaryFiles.removeLeftovers(directory.resolve("."));
    assertThat(temporaries()).as("its writer lives").containsExactly(leftover);

    writer.destroyForcibly().waitFor();
    AtomicFiles.write(target, out -> assertThat(temporaries()).doesNotContain(leftover));
    assertThat(directory.toFile().list()).containsExactly("picture.png");
  }

  /** Writes for ever. */
  static final class StuckWriter {
    private StuckWriter() {}

    public static void main(String[] args) throws IOException {
      AtomicFiles.write(
          Path.of(args[0]),
          out -> {
            out.write(new byte[1_000_000]);
            System.out.write('w');
            System.out.flush();
            System.in.read();
          });
    }
  }

  private List<String> temporaries() {
    return Stream.of(directory.toFile().list()).filter(name -> name.endsWith(".tmp")).toList();
  }
}
