package io.github.pix2pixzero.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfPrecisionTest {
  @Test
  void decodesKnownHalves() {
    assertThat(HalfPrecision.halfToFloat((short) 0x3c00)).isEqualTo(1f);
    assertThat(HalfPrecision.halfToFloat((short) 0xc000)).isEqualTo(-2f);
    assertThat(HalfPrecision.halfToFloat((short) 0x7bff)).isEqualTo(65504f);
    assertThat(HalfPrecision.halfToFloat((short) 0x0400)).isEqualTo(0x1p-14f);
    assertThat(HalfPrecision.halfToFloat((short) 0x0001)).isEqualTo(0x1p-24f);
    assertThat(HalfPrecision.halfToFloat((short) 0xfc00)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(HalfPrecision.halfToFloat((short) 0x7e00)).isNaN();
    assertThat(Float.floatToRawIntBits(HalfPrecision.halfToFloat((short) 0x8000)))
        .isEqualTo(Float.floatToRawIntBits(-0f));
  }

  @Test
  void everyHalfSurvivesARoundTrip() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfPrecision.halfToFloat((short) bits);
      int back = HalfPrecision.floatToHalf(value) & 0xffff;
      if (Float.isNaN(value)) {
        assertThat(HalfPrecision.halfToFloat((short) back)).isNaN();
      } else {
        assertThat(back).as("half %04x", bits).isEqualTo(bits);
      }
    }
  }

  @Test
  void halvesRoundToNearestAndTiesToEven() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      float below = HalfPrecision.halfToFloat((short) bits);
      float above = HalfPrecision.halfToFloat((short) (bits + 1));
      float middle = (below + above) / 2; // exact in single precision
      assertThat(HalfPrecision.floatToHalf(middle)).isEqualTo((short) (bits + (bits & 1)));
      assertThat(HalfPrecision.floatToHalf(Math.nextDown(middle))).isEqualTo((short) bits);
      assertThat(HalfPrecision.floatToHalf(-Math.nextUp(middle)))
          .isEqualTo((short) (bits + 1 | 0x8000));
    }
    assertThat(HalfPrecision.floatToHalf(Math.nextDown(65520f))).isEqualTo((short) 0x7bff);
    assertThat(HalfPrecision.floatToHalf(65520f)).isEqualTo((short) 0x7c00);
  }

  @Test
  void bfloat16RoundsToNearestAndTiesToEven() {
    for (int bits = 0; bits < 0x7f80; bits++) {
      float below = HalfPrecision.bfloat16ToFloat((short) bits);
      float middle = Float.intBitsToFloat(bits << 16 | 0x8000);
      assertThat(HalfPrecision.floatToBfloat16(below)).isEqualTo((short) bits);
      assertThat(HalfPrecision.floatToBfloat16(middle)).isEqualTo((short) (bits + (bits & 1)));
      assertThat(HalfPrecision.floatToBfloat16(Math.nextDown(middle))).isEqualTo((short) bits);
      assertThat(HalfPrecision.floatToBfloat16(-Math.nextUp(middle)))
          .isEqualTo((short) (bits + 1 | 0x8000));
    }
    float nanOfLowBits = Float.intBitsToFloat(0x7f800001);
    assertThat(HalfPrecision.bfloat16ToFloat(HalfPrecision.floatToBfloat16(nanOfLowBits))).isNaN();
  }
}
