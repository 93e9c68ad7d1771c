package io.github.pix2pixzero.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ClipTextConfigTest {
  private static final String SIZES =
      """
      "vocab_size": 49408, "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 23,
      "num_attention_heads": 16
      """;

  @Test
  void readsStableDiffusion2() throws IOException {
    ClipTextConfig config =
        parse(
            "{%s, \"hidden_act\": \"gelu\", \"layer_norm_eps\": 1e-06, \"max_position_embeddings\": 64}"
                .formatted(SIZES));

    assertThat(config)
        .isEqualTo(new ClipTextConfig(49408, 1024, 4096, 23, 16, 64, 1e-6f, Unary.GELU));
  }

  @Test
  void knowsTheDefaultsOfTransformers() throws IOException {
    assertThat(parse("{%s}".formatted(SIZES)))
        .isEqualTo(new ClipTextConfig(49408, 1024, 4096, 23, 16, 77, 1e-5f, Unary.QUICK_GELU));
  }

  @Test
  void refusesOtherActivations() {
    assertThatThrownBy(() -> parse("{%s, \"hidden_act\": \"relu\"}".formatted(SIZES)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hidden_act")
        .hasMessageContaining("quick_gelu, gelu");
  }

  @Test
  void refusesHeadsThatDoNotDivideTheWidth() {
    assertThatThrownBy(() -> parse("{%s}".formatted(SIZES.replace("16", "12"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("num_attention_heads is 12")
        .hasMessageContaining("1024");
  }

  private static ClipTextConfig parse(String json) throws IOException {
    return ClipTextConfig.from(
        JsonConfig.read(
            new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
            "text_encoder/config.json"));
  }
}
