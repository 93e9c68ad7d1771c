package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.RenamedTensors;
import io.github.pix2pixzero.tensor.nn.DeclaredWeights;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.optim.Parameters;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StudentConfigTest {

  static Stream<StudentConfig> configs() {
    return Stream.of(
        ComodConfig.small(64, 16),
        ComodConfig.slim(256),
        ComodConfig.published(512).with(Head.PLAIN),
        FastConfig.small(64, 12),
        FastConfig.slim(512).with(Head.PLAIN));
  }

  @ParameterizedTest
  @MethodSource("configs")
  void comesBackFromItsJson(StudentConfig config) {
    assertThat(StudentConfig.from(JsonConfig.of(config.toJson(), "config.json"))).isEqualTo(config);
  }

  /** As worked out from the layers by hand. */
  @Test
  void theFormsHaveTheParametersOfTheirLayers() {
    assertThat(parameters(ComodConfig.small(64, 16))).isBetween(780_000L, 800_000L);
    assertThat(parameters(FastConfig.small(64, 16))).isBetween(300_000L, 320_000L);
    assertThat(parameters(ComodConfig.slim(256))).isBetween(18_000_000L, 19_000_000L);
    assertThat(parameters(ComodConfig.published(512))).isBetween(78_000_000L, 82_000_000L);
  }

  private static long parameters(StudentConfig config) {
    DeclaredWeights declared = Weights.declared(RenamedTensors.none());
    assertThat(Student.of(declared, config).config()).isEqualTo(config);
    return declared.asked().values().stream().mapToLong(Shape::size).sum();
  }

  @Test
  void fastStudentsTakeOtherSizesAndComodStudentsTheirOwn() {
    Backend backend = new PlainBackend(1);
    Student fast = Student.of(fresh(backend), FastConfig.small(32, 2));
    Tensor wide = Tensors.random(backend, 1, 2, 16, 48, 3);
    assertThat(fast.apply(wide).shape()).isEqualTo(wide.shape());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fast.apply(Tensors.random(backend, 1, 1, 24, 32, 3)))
        .withMessage(
            "the source has shape [1, 24, 32, 3], expected [batch, height, width, 3] with multiples"
                + " of 16");
    Student comod = Student.of(fresh(backend), ComodConfig.small(16, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> comod.apply(wide))
        .withMessage("the source has shape [2, 16, 48, 3], expected [batch, 16, 16, 3]");
  }

  private static Weights fresh(Backend backend) {
    return new Parameters(backend, new PhiloxGenerator(1));
  }

  @Test
  void refusesWhatIsNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StudentConfig.from(JsonConfig.of(Map.of("student", "slow"), "c.json")))
        .withMessageContainingAll("c.json", "student", "comod, fast");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ComodConfig(16, List.of(4, 4), 8, 0, null, Head.BLEND))
        .withMessage("3 sizes from 4 to 16 need as many numbers of channels, got [4, 4]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ComodConfig.small(48, 4))
        .withMessage("the resolution is a power of two from 8 on, got 48");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FastConfig.small(24, 4))
        .withMessage("the resolution is a multiple of 16, got 24");
  }
}
