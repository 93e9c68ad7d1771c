package io.github.pix2pixzero.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaeConfigTest {
  /** As published with Stable Diffusion 1.4, when diffusers had fewer keys. */
  private static final String STABLE_DIFFUSION_1 =
      """
      {
        "_class_name": "AutoencoderKL",
        "_diffusers_version": "0.2.2",
        "act_fn": "silu",
        "block_out_channels": [128, 256, 512, 512],
        "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
        "in_channels": 3,
        "latent_channels": 4,
        "layers_per_block": 2,
        "out_channels": 3,
        "sample_size": 512,
        "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"]
      }
      """;

  @Test
  void readsStableDiffusion1() throws IOException {
    assertThat(parse(STABLE_DIFFUSION_1))
        .isEqualTo(
            new VaeConfig(3, 3, 4, List.of(128, 256, 512, 512), 2, 32, 0.18215f, true, true, true));
  }

  @Test
  void readsWhatLaterVersionsSay() throws IOException {
    VaeConfig config =
        parse(
            with(
                "\"scaling_factor\": 0.25, \"norm_num_groups\": 16, \"use_quant_conv\": false,"
                    + " \"use_post_quant_conv\": false, \"mid_block_add_attention\": false,"
                    + " \"shift_factor\": null, \"latents_mean\": null, \"latents_std\": null"));

    assertThat(config)
        .isEqualTo(
            new VaeConfig(3, 3, 4, List.of(128, 256, 512, 512), 2, 16, 0.25f, false, false, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "_class_name      | \"AutoencoderTiny\"      | AutoencoderKL",
        "act_fn           | \"relu\"                 | silu",
        "shift_factor     | 0.1159                   | scaled but not shifted",
        "latents_mean     | [0.1, 0.2, 0.3, 0.4]     | scaled but not shifted",
        "latents_std      | [0.1, 0.2, 0.3, 0.4]     | scaled but not shifted",
        "down_block_types | [\"DownEncoderBlock2D\"] | DownEncoderBlock2D for each of the 4",
        "up_block_types   | [\"UpDecoderBlock2D\", \"UpDecoderBlock2D\", \"UpDecoderBlock2D\","
            + " \"AttnUpDecoderBlock2D\"] | UpDecoderBlock2D for each of the 4",
        "norm_num_groups  | 24                       | [128, 256, 512, 512]",
      })
  void refusesOtherArchitectures(String key, String value, String supported) {
    assertThatThrownBy(() -> parse(with("\"%s\": %s".formatted(key, value))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(supported);
  }

  /** The config with further keys; of a key that comes twice the last counts. */
  private static String with(String keys) {
    return STABLE_DIFFUSION_1.strip().replaceFirst("}$", ", ") + keys + "}";
  }

  private static VaeConfig parse(String json) throws IOException {
    return VaeConfig.from(
        JsonConfig.read(
            new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), "vae/config.json"));
  }
}
