package io.github.pix2pixzero.inversion;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pix2pixzero.tensor.Scope;
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
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs of diffusers' schedulers, see {@code goldens/solvers/make_solvers.py}. */
class SolverTest {
  private static final double TOLERANCE = 2e-5;
  private static final int SIZE = 16;
  private static final Backend BACKEND = Backends.named("plain", 1);
  private static final ModelFolder GOLDENS =
      ModelFolder.ofResources(SolverTest.class, "goldens/solvers");

  static Stream<JsonNode> cases() throws IOException {
    try (InputStream in = GOLDENS.open("cases.json")) {
      return StreamSupport.stream(new ObjectMapper().readTree(in).spliterator(), false);
    }
  }

  private static NoiseSchedule schedule(JsonNode golden) throws IOException {
    byte[] json = golden.get("config").toString().getBytes(StandardCharsets.UTF_8);
    return NoiseSchedule.from(JsonConfig.read(new ByteArrayInputStream(json), "golden"));
  }

  private static Tensor tensor(float[] all, int index) {
    float[] values = Arrays.copyOfRange(all, index * SIZE, (index + 1) * SIZE);
    return Tensor.of(BACKEND, values, 1, 4, 2, 2);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithDiffusers(JsonNode golden) throws IOException {
    String name = golden.get("name").asText();
    int steps = golden.get("steps").asInt();
    try (SafetensorsFile io = GOLDENS.safetensors("io.safetensors")) {
      float[] outputs = io.readFloats(name + ".outputs");
      for (Solver solver : new Solver[] {Solver.DPM_SOLVER_PLUS_PLUS, Solver.UNI_PC}) {
        float[] expected = io.readFloats(name + "." + solver.title());
        long before = BACKEND.memory().live();
        try (Scope scope = Scope.open();
            SolverSteps run = solver.steps(schedule(golden), steps)) {
          Tensor sample = tensor(io.readFloats(name + ".sample"), 0);
          for (int i = 0; i < steps; i++) {
            try (Scope step = Scope.open()) {
              sample = run.step(tensor(outputs, i), sample);
              step.keep(sample);
            }
            assertClose(sample.toFloats(), tensor(expected, i).toFloats(), TOLERANCE);
          }
        }
        assertThat(BACKEND.memory().live()).as("bytes left over").isEqualTo(before);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void firstOrderIsDdim(JsonNode golden) throws IOException {
    NoiseSchedule schedule = schedule(golden);
    int steps = golden.get("steps").asInt();
    DdimScheduler scheduler = new DdimScheduler(schedule, steps);
    Tensor sample = tensor(new float[] {1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4, 0, 0, 1, 1}, 0);
    Tensor output = sample.mul(0.3f).add(0.1f);
    try (SolverSteps run = Solver.DDIM.steps(schedule, steps)) {
      assertThat(run.timesteps()).isEqualTo(scheduler.timesteps());
      for (int t : run.timesteps()) {
        assertThat(run.step(output, sample).toFloats())
            .isEqualTo(scheduler.step(output, t, sample).toFloats());
      }
    }
  }

  @Test
  void titles() {
    assertThat(Solver.of("dpm++2m")).isEqualTo(Solver.DPM_SOLVER_PLUS_PLUS);
    assertThat(Solver.of("UniPC")).isEqualTo(Solver.UNI_PC);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Solver.of("euler"))
        .withMessage("there is no solver euler; there are ddim, dpm++2m and unipc");
  }
}
