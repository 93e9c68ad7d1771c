package io.github.pix2pixzero.inversion;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever sampler saved a config, it is read as diffusers' {@code DDIMScheduler} reads it. */
class EverySchedulerTest {
  private static final double TOLERANCE = 1e-5;
  private static final int EVERY = 37;
  private static final Backend BACKEND = Backends.named("plain", 1);
  private static final ModelFolder GOLDENS =
      ModelFolder.ofResources(EverySchedulerTest.class, "goldens/schedules");

  static Stream<JsonNode> cases() throws IOException {
    try (InputStream in = GOLDENS.open("cases.json")) {
      return StreamSupport.stream(
          JsonMapper.builder()
              .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
              .build()
              .readTree(in)
              .spliterator(),
          false);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithDiffusers(JsonNode golden) throws IOException {
    String name = golden.get("name").asText();
    int steps = golden.get("steps").asInt();
    NoiseSchedule schedule = NoiseSchedule.from(config(golden.get("config")));
    DdimScheduler forward = new DdimScheduler(schedule, steps);
    DdimInverseScheduler inverse = new DdimInverseScheduler(schedule, steps);
    int[] expected = ints(golden.get("timesteps"));
    assertThat(forward.timesteps()).isEqualTo(expected);
    assertThat(inverse.timesteps()).isEqualTo(reversed(expected));
    try (SafetensorsFile io = GOLDENS.safetensors("io.safetensors")) {
      float[] alphas = io.readFloats(name + ".alphas_cumprod");
      for (int i = 0; i < alphas.length; i++) {
        assertThat(schedule.alphaCumprod(i * EVERY))
            .as("timestep %s", i * EVERY)
            .isCloseTo(alphas[i], within(1e-6));
      }
      if (!golden.has("picks")) {
        return;
      }
      String key = name + "." + steps;
      Tensor sample = Tensor.of(BACKEND, io.readFloats(key + ".sample"), 1, 4, 2, 2);
      Tensor output = Tensor.of(BACKEND, io.readFloats(key + ".model_output"), 1, 4, 2, 2);
      for (int pick : ints(golden.get("picks"))) {
        assertClose(
            forward.step(output, forward.timesteps()[pick], sample).toFloats(),
            io.readFloats(key + ".step." + pick),
            TOLERANCE);
        assertClose(
            inverse.step(output, inverse.timesteps()[pick], sample).toFloats(),
            io.readFloats(key + ".inverse_step." + pick),
            TOLERANCE);
      }
    }
  }

  @Test
  void leavesNothingOfThePictureWhereTheConfigAsksForThat() {
    NoiseSchedule schedule =
        NoiseSchedule.from(
            JsonConfig.of(
                Map.of(
                    "beta_schedule", "scaled_linear",
                    "rescale_betas_zero_snr", true,
                    "timestep_spacing", "trailing"),
                "scheduler_config.json"));
    assertThat(schedule.alphaCumprod(999)).isZero();
    assertThat(schedule.alphaCumprod(998)).isPositive();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DdimScheduler(schedule, 20))
        .withMessageContaining("timestep 999")
        .withMessageContaining("v_prediction");
  }

  @Test
  void readsNumbersThatOnlyPythonWrites() throws IOException {
    String json = "{\"lambda_min_clipped\": -Infinity, \"sigma_max\": NaN, \"beta_end\": 0.01}";
    JsonConfig config =
        JsonConfig.read(
            new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
            "scheduler_config.json");
    assertThat(NoiseSchedule.from(config).trainTimesteps()).isEqualTo(1000);
  }

  @Test
  void refusesBetasThatAreNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NoiseSchedule.from(JsonConfig.of(Map.of("beta_end", 1.5), "a.json")))
        .withMessage("a.json: beta_end is 1.5; supported: a number from 0 to below 1");
    double[] three = {0.1, 0.2, 0.3};
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                NoiseSchedule.from(
                    JsonConfig.of(
                        Map.of("trained_betas", three, "num_train_timesteps", 1000), "a.json")))
        .withMessage(
            "a.json: trained_betas has 3 numbers; num_train_timesteps, 1000, were expected");
  }

  private static JsonConfig config(JsonNode node) throws IOException {
    return JsonConfig.read(
        new ByteArrayInputStream(node.toString().getBytes(StandardCharsets.UTF_8)),
        "scheduler_config.json");
  }

  private static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private static int[] reversed(int[] numbers) {
    int[] reversed = new int[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      reversed[i] = numbers[numbers.length - 1 - i];
    }
    return reversed;
  }
}
