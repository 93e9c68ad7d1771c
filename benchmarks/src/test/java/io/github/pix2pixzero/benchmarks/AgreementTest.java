package io.github.pix2pixzero.benchmarks;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgreementTest {

  @Test
  void acceptsRounding() {
    assertThatCode(() -> Agreement.check("x", new float[] {100, 1}, new float[] {100, 1.009f}))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(floats = {1.02f, Float.NaN, Float.POSITIVE_INFINITY})
  void refusesAnotherResult(float wrong) {
    float[] right = {100, 1};

    assertThatThrownBy(() -> Agreement.check("x", right, new float[] {100, wrong}))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Agreement.check("x", new float[] {100, wrong}, right))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesResultsOfDifferentSizes() {
    assertThatThrownBy(() -> Agreement.check("x", new float[1], new float[2]))
        .isInstanceOf(IllegalStateException.class);
  }
}
