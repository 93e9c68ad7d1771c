package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.distill.Goldens.Vectors;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against {@code make_fast_goldens.py}: torch in float64. */
class FastGoldensTest {
  private static final String FILE = "fast.safetensors";

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void agreesWithTorch(Backend backend) throws IOException {
    Vectors io = new Vectors(backend, FILE);
    try (SafetensorsFile stored = SafetensorsFile.open(Goldens.path(FILE))) {
      Weights weights = Weights.of(backend, stored);
      Student student = Student.of(weights, FastConfig.small(16, 3));
      assertThat(weights.leftovers()).containsExactly("io.mask", "io.out", "io.source");
      Student.Answer answer = student.answer(io.picture("io.source"));
      io.assertOutput(answer.maskLogits().sigmoid(), "io.mask");
      io.assertOutput(answer.picture(), "io.out");
    }
  }
}
