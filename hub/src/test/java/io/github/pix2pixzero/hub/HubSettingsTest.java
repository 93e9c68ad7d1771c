package io.github.pix2pixzero.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The defaults are those of constants.py in huggingface_hub 1.33. */
class HubSettingsTest {
  @TempDir Path home;

  @Test
  void defaults() throws IOException {
    HubSettings settings = from();

    assertThat(settings.endpoint()).hasToString("https://huggingface.co");
    assertThat(settings.cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
    assertThat(settings.token()).isEmpty();
    assertThat(settings.offline()).isFalse();
    assertThat(settings.answerTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.stallTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.links()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "XDG_CACHE_HOME, /x, /x/huggingface/hub",
    "HF_HOME, /h, /h/hub",
    "HF_HUB_CACHE, /c, /c",
    "HUGGINGFACE_HUB_CACHE, /old, /old",
    "HF_HUB_CACHE, ~/c, HOME/c",
    "HF_HUB_CACHE, ${BASE}/c/$BASE/$NONE, /base/c//base/$NONE",
  })
  void theCacheIsWherePythonHasIt(String variable, String value, String expected)
      throws IOException {
    assertThat(from(variable, value, "BASE", "/base").cache())
        .isEqualTo(Path.of(expected.replace("HOME", home.toString())));
  }

  @Test
  void theNearerVariableWins() throws IOException {
    assertThat(from("XDG_CACHE_HOME", "/x", "HF_HOME", "/h").cache()).isEqualTo(Path.of("/h/hub"));
    assertThat(from("HF_HOME", "/h", "HF_HUB_CACHE", "/c").cache()).isEqualTo(Path.of("/c"));
    assertThat(from("HF_HUB_CACHE", " ").cache()).isEqualTo(from().cache());
  }

  @Test
  void theTokenIsNamedOrInAFile() throws IOException {
    Path file = home.resolve("secret");
    Files.writeString(file, "hf_file\n");
    assertThat(from("HF_TOKEN_PATH", file.toString()).token()).contains("hf_file");
    assertThat(from("HF_TOKEN_PATH", file.toString(), "HF_TOKEN", "hf_named").token())
        .contains("hf_named");
    assertThat(from("HF_TOKEN", "hf_named", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1").token())
        .isEmpty();

    Files.createDirectories(home.resolve("h"));
    Files.writeString(home.resolve("h/token"), "hf_home");
    HubSettings settings = from("HF_HOME", home.resolve("h").toString());
    assertThat(settings.token()).contains("hf_home");
    assertThat(settings.toString()).doesNotContain("hf_home").contains("with a token");
  }

  @Test
  void flagsAndTimeoutsAreRead() throws IOException {
    assertThat(from("HF_HUB_OFFLINE", "true").offline()).isTrue();
    assertThat(from("HF_HUB_OFFLINE", "0").offline()).isFalse();
    assertThat(from("HF_HUB_DISABLE_SYMLINKS", "on").links()).isFalse();
    assertThat(from("HF_HUB_ETAG_TIMEOUT", "3").answerTimeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(from("HF_HUB_DOWNLOAD_TIMEOUT", "4").stallTimeout())
        .isEqualTo(Duration.ofSeconds(4));
    assertThat(from("HF_ENDPOINT", "http://mirror:8080/hf/").endpoint())
        .hasToString("http://mirror:8080/hf");
  }

  @ParameterizedTest
  @CsvSource({
    "HF_ENDPOINT, huggingface.co, HF_ENDPOINT",
    "HF_ENDPOINT, https://two words, HF_ENDPOINT",
    "HF_ENDPOINT, ftp://huggingface.co, HF_ENDPOINT",
    "HF_HUB_ETAG_TIMEOUT, soon, HF_HUB_ETAG_TIMEOUT",
    "HF_HUB_DOWNLOAD_TIMEOUT, 0, HF_HUB_DOWNLOAD_TIMEOUT",
    "HF_TOKEN, two words, HF_TOKEN",
  })
  void whatMakesNoSenseIsNamed(String variable, String value, String named) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> from(variable, value))
        .withMessageContaining(named);
  }

  private HubSettings from(String... variables) throws IOException {
    Map<String, String> environment = new HashMap<>();
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return HubSettings.from(environment, home);
  }
}
