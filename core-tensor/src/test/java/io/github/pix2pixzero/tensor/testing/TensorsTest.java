package io.github.pix2pixzero.tensor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The comparisons that all other tests rely on can fail. */
class TensorsTest {
  private static final double[] EXPECTED = {0, -10, 3};

  @Test
  void theToleranceIsRelativeToTheLargestExpected() {
    assertThatCode(() -> Tensors.assertClose(new double[] {0.009, -10, 3}, EXPECTED, 1e-3))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> Tensors.assertClose(new double[] {0.011, -10, 3}, EXPECTED, 1e-3))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("1 of 3 elements are off; at 0 got 0.011, expected 0.0");
  }

  @Test
  void theWorstElementIsNamed() {
    assertThatThrownBy(() -> Tensors.assertClose(new double[] {1, -10, 5}, EXPECTED, 1e-3))
        .hasMessageContaining("2 of 3 elements are off; at 2 got 5.0, expected 3.0");
  }

  @Test
  void nanAndInfinityNeverPass() {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> Tensors.assertClose(new double[] {0, bad, 3}, EXPECTED, 1e9))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("at 1 got " + bad);
      assertThatThrownBy(() -> Tensors.assertClose(EXPECTED, new double[] {0, bad, 3}, 1e9))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("expected element 1 is " + bad);
    }
    assertThatThrownBy(() -> Tensors.assertClose(EXPECTED, EXPECTED, Double.NaN))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void sizesAndShapesMustAgree() {
    assertThatThrownBy(() -> Tensors.assertClose(new double[2], EXPECTED, 1))
        .hasMessageContaining("got 2 elements, expected 3");
    OracleBackend oracle = new OracleBackend();
    Tensor tensor = Tensors.random(oracle, 1, 2, 3);
    assertThatCode(() -> Tensors.assertClose(tensor, tensor, 0)).doesNotThrowAnyException();
    assertThatThrownBy(() -> Tensors.assertClose(tensor, tensor.reshape(3, 2), 1))
        .hasMessageContaining("got shape [2, 3], expected [3, 2]");
  }

  @Test
  void aWrongGradientIsFound() {
    OracleBackend oracle = new OracleBackend();
    Tensor x = Tensors.random(oracle, 1, 3);
    assertThatCode(() -> GradientCheck.check(in -> in[0].mul(in[0]), x)).doesNotThrowAnyException();
    assertThatThrownBy(() -> GradientCheck.check(in -> in[0].mul(in[0].detached()), x))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("gradient of input 0 [3]");
    assertThat(x.isTracked()).isFalse();
  }
}
