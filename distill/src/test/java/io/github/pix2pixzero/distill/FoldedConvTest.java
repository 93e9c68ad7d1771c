package io.github.pix2pixzero.distill;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.optim.Parameters;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is multiplied into the weights for one picture is multiplied into features for several. */
class FoldedConvTest {
  private static final double TOLERANCE = 1e-5;

  @TempDir private Path folder;

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void aPictureAloneIsThatOfABatch(Backend backend) throws IOException {
    ComodConfig config = ComodConfig.small(32, 8);
    try (Parameters parameters = new Parameters(backend, new PhiloxGenerator(4))) {
      Student unused = Student.of(parameters, config);
      StudentFiles.write(folder, config, parameters, Map.of());
    }
    Student student = StudentFiles.read(folder, backend).student();
    Tensor sources = random(backend, 5, 2, 32, 32, 3);
    Student.Answer both = student.answer(sources);
    for (int i = 0; i < 2; i++) {
      Student.Answer alone = student.answer(sources.slice(0, i, i + 1));
      assertClose(alone.picture(), both.picture().slice(0, i, i + 1).toFloats(), TOLERANCE);
      assertClose(alone.maskLogits(), both.maskLogits().slice(0, i, i + 1).toFloats(), TOLERANCE);
    }
  }

  @Test
  void smallFeaturesOfManyChannelsAreMultipliedThemselves() {
    Backend backend = Backends.named("plain", 1);
    Tensor small = Tensor.zeros(backend, 1, 8, 8, 256);
    Tensor large = Tensor.zeros(backend, 1, 64, 64, 64);
    Tensor two = Tensor.zeros(backend, 2, 64, 64, 64);
    assertThat(FoldedConv.pays(small, 256, false)).isFalse();
    assertThat(FoldedConv.pays(large, 64, false)).isTrue();
    assertThat(FoldedConv.pays(large, 64, true)).isTrue();
    assertThat(FoldedConv.pays(two, 64, false)).isFalse();
  }
}
