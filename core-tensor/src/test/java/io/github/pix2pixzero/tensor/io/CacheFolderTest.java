package io.github.pix2pixzero.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheFolderTest {
  @TempDir Path home;

  @Test
  void isThatOfTheDesktop() {
    Path cache = home.resolve("cache");
    assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", cache.toString()), home.toString()))
        .hasValue(cache.resolve("pix2pix-zero"));
  }

  @Test
  void isInTheHome() {
    for (String relative : new String[] {"", "cache"}) {
      assertThat(
              CacheFolder.of(
                  Map.of("XDG_CACHE_HOME", relative, "HOME", "/elsewhere"), home.toString()))
          .hasValue(home.resolve(".cache/pix2pix-zero"));
    }
  }

  /** What Java says of a user id that no user has. */
  @Test
  void isNoFolderNamedWithAQuestionMark() {
    for (String unknown : new String[] {"?", "", null}) {
      assertThat(CacheFolder.of(Map.of("HOME", home.toString()), unknown))
          .hasValue(home.resolve(".cache/pix2pix-zero"));
      assertThat(CacheFolder.of(Map.of(), unknown)).isEmpty();
    }
  }
}
