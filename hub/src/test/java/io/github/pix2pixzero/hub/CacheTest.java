package io.github.pix2pixzero.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.github.pix2pixzero.hub.testing.LocalHub;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheTest extends HubTestCase {
  @Test
  void offlineASnapshotIsEnough() throws IOException {
    Path snapshot = pull();
    int asked = server.requests().size();

    assertThat(pull("HF_HUB_OFFLINE", "1")).isEqualTo(snapshot);
    assertThat(hub().cached(NAME, BOTH)).contains(snapshot);
    assertThat(hub().obtain(NAME, BOTH, DownloadListener.NONE)).isEqualTo(snapshot);
    assertThat(server.requests()).hasSize(asked);
  }

  @Test
  void offlineWithoutASnapshotSaysSo() {
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> pull("HF_HUB_OFFLINE", "yes"))
        .withMessageContaining("org/model is not, or not completely, in " + cache);
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> hub("HF_HUB_OFFLINE", "1").plan(NAME, BOTH));
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aSnapshotThatLacksAFileIsNotCached() throws IOException {
    Path snapshot = pull();
    Files.delete(blob(WEIGHTS)); // what is left is a link to nowhere

    assertThat(hub().cached(NAME, BOTH)).isEmpty();
    assertThat(pull().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(hub().cached(NAME, BOTH)).contains(snapshot);
  }

  @Test
  void aFileOfAnotherSizeIsReplaced() throws IOException {
    Path snapshot = pull();
    Files.write(blob(WEIGHTS), new byte[9]);

    assertThat(pull()).isEqualTo(snapshot);
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
  }

  /** As an older Python client leaves it, which keeps no list of the hub's files. */
  @Test
  void withoutAListTheFilesThemselvesTell() throws IOException {
    Path snapshot = pull();
    Files.delete(repository().resolve("trees").resolve(LocalHub.COMMIT + ".json"));

    assertThat(hub().cached(NAME, BOTH)).contains(snapshot);
    FileSelection more = ModelFiles.builder().require("vocab.txt").build();
    assertThat(hub().cached(NAME, more)).isEmpty();
  }

  @Test
  void theListTellsThatAPreferredVariantIsMissing() throws IOException {
    server.large("unet.safetensors", new byte[4]).large("unet.fp16.safetensors", new byte[2]);
    FileSelection half = ModelFiles.builder().weights("unet", Optional.of("fp16")).build();
    FileSelection plain = ModelFiles.builder().weights("unet", Optional.empty()).build();

    hub().pull(NAME, plain, DownloadListener.NONE);

    assertThat(hub().cached(NAME, plain)).isPresent();
    assertThat(hub().cached(NAME, half)).isEmpty();
  }

  @Test
  void aDamagedListIsAskedForAgain() throws IOException {
    pull();
    Path list = repository().resolve("trees").resolve(LocalHub.COMMIT + ".json");
    String good = Files.readString(list);
    Files.writeString(list, "{\"format_version\": 1, \"files\": {\"config.json\": {}}}");

    assertThat(hub().plan(NAME, BOTH).missing()).isEmpty();
    assertThat(list).hasContent(good);
  }

  @Test
  void whatIsCompleteCanBeReadFromACacheForReadingOnly() throws IOException {
    Path snapshot = pull();
    Path refs = repository().resolve("refs");
    Files.delete(refs.resolve("main"));
    Files.delete(refs);
    Files.writeString(refs, "no folder, and nothing can be written below it");

    assertThat(pull()).isEqualTo(snapshot);
  }

  @Test
  void aCacheThatCannotBeWrittenIsNamed() throws IOException {
    Files.writeString(cache, "no folder");

    assertThatExceptionOfType(HubException.class)
        .isThrownBy(this::pull)
        .withMessageStartingWith("cannot write to the cache " + cache)
        .withMessageContaining("HF_HUB_CACHE");
  }

  @Test
  void whereThereAreNoLinksThereAreFiles() throws IOException {
    Path snapshot = pull("HF_HUB_DISABLE_SYMLINKS", "1");

    assertThat(Files.isSymbolicLink(snapshot.resolve("model.safetensors"))).isFalse();
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(blobs()).isEmpty(); // moved, for nobody has room for two
    assertThat(hub().cached(NAME, BOTH)).contains(snapshot);
  }

  @Test
  void aDiskThatRefusesLinksGetsFiles() throws IOException {
    pull(); // by someone who had links
    server.ref("main", "cd".repeat(20));
    Disk windows =
        new Disk() {
          @Override
          public long usableBytes(Path path) throws IOException {
            return Disk.SYSTEM.usableBytes(path);
          }

          @Override
          public void link(Path link, Path target) throws IOException {
            throw new FileSystemException(link.toString(), null, "A privilege is not held");
          }
        };

    Path snapshot = hub(windows).pull(NAME, BOTH, DownloadListener.NONE);

    assertThat(Files.isSymbolicLink(snapshot.resolve("model.safetensors"))).isFalse();
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(blob(WEIGHTS)).exists(); // for the other snapshot's link
    try (var left = Files.list(snapshot)) {
      assertThat(left).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "refs/main"})
  void aFolderOfTheCacheIsItsSnapshot(String ref) throws IOException {
    Path snapshot = pull();
    Files.deleteIfExists(repository().resolve(ref));

    assertThat(HubCache.snapshotIn(repository())).isEqualTo(snapshot);
    assertThat(HubCache.snapshotIn(snapshot)).isEqualTo(snapshot);
  }

  @Test
  void whichSnapshotIsMeantMustBeClear() throws IOException {
    Path snapshot = pull();
    Files.createDirectories(snapshot.resolveSibling("two"));
    Path main = repository().resolve("refs/main");
    Files.writeString(main, "two\n");
    assertThat(HubCache.snapshotIn(repository())).isEqualTo(snapshot.resolveSibling("two"));

    Files.writeString(main, "three");
    assertThatIOException()
        .isThrownBy(() -> HubCache.snapshotIn(repository()))
        .withMessageContaining("is the download complete?");

    Files.delete(main);
    assertThatIOException()
        .isThrownBy(() -> HubCache.snapshotIn(repository()))
        .withMessageContaining("has no refs/main and 2 snapshots");
  }
}
