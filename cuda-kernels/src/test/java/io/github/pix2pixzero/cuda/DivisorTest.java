package io.github.pix2pixzero.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DivisorTest {
  private static final int[] INTERESTING = {
    1,
    2,
    3,
    5,
    7,
    9,
    10,
    31,
    32,
    33,
    77,
    127,
    128,
    320,
    641,
    1280,
    4096,
    65537,
    1 << 30,
    (1 << 30) + 1,
    Integer.MAX_VALUE - 1,
    Integer.MAX_VALUE
  };

  @Test
  void quotientsAreExact() {
    for (int d : INTERESTING) {
      Divisor divisor = Divisor.of(d);
      for (int base : INTERESTING) {
        for (long n = base - 3L; n <= base + 3L; n++) {
          if (n >= 0 && n <= Integer.MAX_VALUE) {
            assertThat(divisor.quotient((int) n)).as("%s / %s", n, d).isEqualTo((int) n / d);
          }
        }
        long multiple = Integer.MAX_VALUE / d * (long) d;
        assertThat(divisor.quotient((int) multiple)).isEqualTo((int) multiple / d);
        assertThat(divisor.quotient((int) multiple - 1)).isEqualTo(((int) multiple - 1) / d);
      }
    }
  }

  @Test
  void divisorsArePositive() {
    assertThatThrownBy(() -> Divisor.of(0)).hasMessageContaining("a divisor of 0");
  }
}
