package io.github.pix2pixzero.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NeedsHadoop
class HadoopFilesTest {
  @TempDir private Path folder;

  /** Stands for object stores, on which nothing is renamed. */
  public static final class Objects extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("objects:///");
    }

    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to) {
      throw new AssertionError("objects are not renamed");
    }
  }

  private static Configuration configuration() {
    Configuration configuration = new Configuration();
    configuration.set("fs.objects.impl", Objects.class.getName());
    return configuration;
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:", "objects:"})
  void filesAreReadAsTheyWereWritten(String scheme) throws IOException {
    HadoopFiles files = new HadoopFiles(scheme + folder.resolve("new"), configuration());
    assertThat(files.read("mask/a.png")).isEmpty();
    assertThat(files.size("mask/a.png")).isEmpty();
    assertThat(files.list("mask")).isEmpty();
    files.write("mask/b.png", "first".getBytes(UTF_8));
    files.write("mask/a.png", "other".getBytes(UTF_8));
    files.write("mask/b.png", "replaced".getBytes(UTF_8));
    Files.createFile(folder.resolve("new/mask/.a.png.tmp"));
    assertThat(files.read("mask/b.png")).hasValue("replaced".getBytes(UTF_8));
    assertThat(files.size("mask/b.png")).hasValue(8);
    assertThat(files.list("mask")).containsExactly("a.png", "b.png");
    assertThat(folder.resolve("new/mask"))
        .isDirectoryContaining("glob:**/b.png")
        .isDirectoryNotContaining("glob:**.crc");
    assertThat(files).hasToString(scheme + folder.resolve("new"));
  }

  @Test
  void inputsAreListedOnceAndInOrder() throws IOException {
    Path photos = Photos.in(folder);
    String uri = "file:" + photos;
    assertThat(HadoopPicture.list(List.of(photos.toString(), uri + "/*.png"), configuration()))
        .hasSize(Photos.COUNT)
        .isSorted()
        .contains(uri + "/cat.png");
    assertThatIOException()
        .isThrownBy(() -> HadoopPicture.list(List.of(uri + "/*.jpg"), configuration()))
        .withMessageContaining("no such file or folder: " + uri + "/*.jpg");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatIOException()
        .isThrownBy(() -> HadoopPicture.list(List.of(empty.toString()), configuration()))
        .withMessage("the folder %s holds no picture", empty);
  }

  @Test
  void captionsAreText() throws IOException {
    Path photos = Photos.in(folder);
    HadoopPicture cat = new HadoopPicture("file:" + photos + "/cat.png", configuration());
    assertThat(cat.caption()).hasValue("a photo of a gray cat");
    Files.delete(photos.resolve("cat.txt"));
    assertThat(cat.caption()).isEmpty();
    Files.write(photos.resolve("cat.txt"), new byte[] {(byte) 0xff});
    assertThatIOException().isThrownBy(cat::caption).withMessageContaining("it is not UTF-8");
  }
}
