package io.github.pix2pixzero.inversion;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.testing.TestBackends;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both schedulers agree with diffusers: timesteps, and single steps from a given sample. */
class SchedulerGoldensTest {
  private static final double TOLERANCE = 1e-5;
  private static final Backend BACKEND = Backends.named("plain", 1);
  private static final ModelFolder GOLDENS =
      ModelFolder.ofResources(SchedulerGoldensTest.class, "goldens/scheduler");

  static Stream<Arguments> cases() throws IOException {
    try (InputStream in = GOLDENS.open("cases.json")) {
      JsonNode cases = new JsonMapper().readTree(in);
      return TestBackends.cpu()
          .flatMap(
              backend ->
                  StreamSupport.stream(cases.spliterator(), false)
                      .map(golden -> Arguments.of(backend, golden)));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithDiffusers(Backend backend, JsonNode golden) throws IOException {
    String key = golden.get("key").asText();
    int steps = golden.get("steps").asInt();
    NoiseSchedule schedule = schedule("prediction_type", golden.get("prediction_type").asText());
    DdimScheduler scheduler = new DdimScheduler(schedule, steps);
    DdimInverseScheduler inverse = new DdimInverseScheduler(schedule, steps);
    assertThat(scheduler.timesteps()).isEqualTo(ints(golden.get("timesteps")));
    assertThat(inverse.timesteps()).isEqualTo(ints(golden.get("inverse_timesteps")));
    try (SafetensorsFile io = GOLDENS.safetensors("io.safetensors")) {
      Tensor sample = Tensor.of(backend, io.readFloats(key + ".sample"), 1, 4, 8, 8);
      Tensor output = Tensor.of(backend, io.readFloats(key + ".model_output"), 1, 4, 8, 8);
      for (int pick : ints(golden.get("picks"))) {
        assertClose(
            scheduler.step(output, scheduler.timesteps()[pick], sample).toFloats(),
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
  void cumulativeAlphasAreThoseOfTheReference() throws IOException {
    NoiseSchedule schedule = schedule("prediction_type", "epsilon");
    try (SafetensorsFile io = GOLDENS.safetensors("io.safetensors")) {
      float[] expected = io.readFloats("alphas_cumprod");
      assertThat(schedule.trainTimesteps()).isEqualTo(expected.length);
      for (int t = 0; t < expected.length; t++) {
        double error = Math.abs(schedule.alphaCumprod(t) - expected[t]) / expected[t];
        assertThat(error).as("timestep %s", t).isLessThan(1e-6);
      }
    }
    assertThat(schedule.alphaCumprod(-1)).isEqualTo(schedule.alphaCumprod(0));
  }

  @Test
  void theInverseUndoesAStep() throws IOException {
    NoiseSchedule schedule = schedule("prediction_type", "v_prediction");
    DdimScheduler scheduler = new DdimScheduler(schedule, 50);
    DdimInverseScheduler inverse = new DdimInverseScheduler(schedule, 50);
    float[] values = {0.3f, -1.2f, 0.7f, 2f};
    Tensor sample = Tensor.of(BACKEND, values, 1, 4, 1, 1);
    // Without noise in the latent the velocity is the noise: a prediction that fits both ends.
    double from = Math.sqrt(schedule.alphaCumprod(481));
    double to = Math.sqrt(schedule.alphaCumprod(461));
    Tensor there = scheduler.step(sample.mul(0f), 481, sample);
    double factor = to * from + Math.sqrt(1 - to * to) * Math.sqrt(1 - from * from);
    assertClose(there.toFloats(), sample.mul((float) factor).toFloats(), TOLERANCE);
    Tensor back = inverse.step(sample.mul(0f), 481, there);
    assertClose(back.toFloats(), there.mul((float) factor).toFloats(), TOLERANCE);
  }

  @Test
  void refusesNumbersOfStepsThatDoNotExist() throws IOException {
    NoiseSchedule schedule = schedule("prediction_type", "epsilon");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DdimScheduler(schedule, 0))
        .withMessage("the number of steps should be 1 to 999, it is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DdimInverseScheduler(schedule, 1000))
        .withMessageContaining("it is 1000");
  }

  @ParameterizedTest
  @CsvSource({
    "prediction_type, flow, epsilon",
    "beta_schedule, exotic, scaled_linear",
    "timestep_spacing, trailing, leading"
  })
  void namesWhatIsNotSupportedAndWhatIs(String key, String value, String supported) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedule(key, value))
        .withMessageContaining(key)
        .withMessageContaining(supported);
  }

  private static NoiseSchedule schedule(String key, String value) throws IOException {
    String json =
        """
        {"beta_start": 0.00085, "beta_end": 0.012, "set_alpha_to_one": false, "steps_offset": 1,
         "clip_sample": false, "%s": "%s"}
        """
            .formatted(key, value);
    return NoiseSchedule.from(
        JsonConfig.read(
            new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
            "scheduler_config.json"));
  }

  private static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
