package io.github.pix2pixzero.tensor.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.io.Resources;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.nn.Initializer.Fans;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InitializerTest {
  private static final double GAIN = Math.sqrt(2);
  private static final Map<String, Initializer> ALL =
      Map.of(
          "kaimingNormal", Initializer.kaimingNormal(GAIN),
          "kaimingUniform", Initializer.kaimingUniform(GAIN),
          "xavierNormal", Initializer.xavierNormal(0.5),
          "xavierUniform", Initializer.xavierUniform(0.5),
          "normal", Initializer.normal(0.02),
          "uniform", Initializer.uniform(0.3),
          "fanIn", Initializer.fanIn());

  /** Against {@code torch.nn.init}, by {@code torch-initializers.py}. */
  @Test
  void agreeWithTorch() throws IOException {
    JsonNode reference =
        new ObjectMapper()
            .readTree(
                Resources.toByteArray(
                    Resources.getResource(InitializerTest.class, "torch-initializers.json")));
    assertThat(reference).hasSize(2 * ALL.size());
    for (Shape stored : List.of(Shape.of(6, 5), Shape.of(4, 3, 3, 3))) {
      ALL.forEach(
          (name, initializer) -> {
            float[] elements = new float[stored.size()];
            initializer.fill(elements, Fans.of(stored), new TorchCpuGenerator(7));
            JsonNode node = reference.get(name + " " + stored);
            assertThat(node).as("%s %s", name, stored).hasSize(elements.length);
            float[] expected = new float[elements.length];
            for (int i = 0; i < expected.length; i++) {
              expected[i] = node.get(i).floatValue();
            }
            Tensors.assertClose(elements, expected, 1e-6);
          });
    }
  }

  @Test
  void equalizedWeightsHaveUnitVarianceOverTheRate() {
    float[] elements = new float[20_000];
    Fans fans = Fans.of(Shape.of(100, 200));
    Initializer.equalized(0.01).fill(elements, fans, new TorchCpuGenerator(1));
    double squares = 0;
    for (float element : elements) {
      squares += (double) element * element;
    }
    assertThat(Math.sqrt(squares / elements.length)).isBetween(98.0, 102.0);
  }

  @Test
  void fansCountTheKernel() {
    assertThat(Fans.of(Shape.of(4, 3, 5, 5))).isEqualTo(new Fans(75, 100));
    assertThat(Fans.of(Shape.of(7))).isEqualTo(new Fans(7, 7));
  }

  @Test
  void refuseWhatIsNotPositive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Initializer.normal(0))
        .withMessage("the deviation is above 0, got 0.0");
    assertThatIllegalArgumentException().isThrownBy(() -> Initializer.uniform(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> Initializer.kaimingNormal(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> Initializer.equalized(0));
  }
}
