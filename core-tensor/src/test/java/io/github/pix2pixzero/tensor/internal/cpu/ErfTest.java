package io.github.pix2pixzero.tensor.internal.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.testing.OracleFunctions;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class ErfTest {
  @Test
  void erfcAgreesWithSeriesAndContinuedFraction() {
    for (double x = -6; x < 6; x += 0.0137) {
      assertThat(Erf.erfc(x))
          .as("erfc(%s)", x)
          .isCloseTo(OracleFunctions.erfc(x), Percentage.withPercentage(1e-9));
    }
  }

  @Test
  void erfcEndsAtZeroAndTwo() {
    assertThat(Erf.erfc(30)).isZero();
    assertThat(Erf.erfc(-30)).isEqualTo(2);
    assertThat(Erf.erfc(Double.NaN)).isNaN();
  }
}
