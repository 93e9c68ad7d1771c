package io.github.pix2pixzero.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelNameTest {
  @Test
  void withoutARevisionItIsMain() {
    ModelName name = ModelName.parse("stable-diffusion-v1-5/stable-diffusion-v1-5");

    assertThat(name.revision()).isEqualTo("main");
    assertThat(name).hasToString("stable-diffusion-v1-5/stable-diffusion-v1-5");
    assertThat(name.isCommit()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"fp16", "refs/pr/12", "v1.0", "0123456789abcdef0123456789abcdef01234567"})
  void whatFollowsTheAtIsTheRevision(String revision) {
    ModelName name = ModelName.parse("org/na.m_e@" + revision);

    assertThat(name.id()).isEqualTo("org/na.m_e");
    assertThat(name.revision()).isEqualTo(revision);
    assertThat(name).hasToString("org/na.m_e@" + revision);
    assertThat(name.isCommit()).isEqualTo(revision.length() == 40);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "name",
        "/name",
        "org/",
        "a/b/c",
        "../name",
        "org/..",
        "org/a..b",
        "org/a--b",
        "-a/b",
        "org/.b",
        "org/b.",
        "org/b.git",
        "org\\name",
        "c:/name",
        "org/na me",
        "~/name"
      })
  void whatTheHubCouldNotHaveIsRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelName.parse(name))
        .withMessage("expected ORG/NAME or ORG/NAME@REVISION, not " + name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "a/../b", "/a", "a/", "a:b", "a\\b", "a b", "a\nb"})
  void revisionsThatCouldBeNoFileAreRefused(String revision) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelName.parse("org/name@" + revision))
        .withMessageStartingWith("expected a branch, a tag, a commit or refs/pr/N");
  }
}
