package io.github.pix2pixzero.tensor.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VisionSizesTest {
  private static VisionSizes of(String key, int value) {
    return VisionSizes.from(JsonConfig.of(Map.of(key, value), "x.json"), 224, 16, 1e-12);
  }

  @Test
  void areThoseOfTheBaseModelWhereNothingIsSaid() {
    assertThat(of("patch_size", 8)).isEqualTo(new VisionSizes(768, 3072, 12, 12, 224, 8, 1e-12f));
    assertThat(of("patch_size", 8).grid()).isEqualTo(28);
  }

  @Test
  void haveHeadsThatDivideTheWidthAndAPatchAtLeast() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of("num_attention_heads", 0))
        .withMessage("num_attention_heads is 0, which does not divide hidden_size 768");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of("patch_size", 225))
        .withMessage("image_size is 224, patch_size 225; expected at least one patch");
  }
}
