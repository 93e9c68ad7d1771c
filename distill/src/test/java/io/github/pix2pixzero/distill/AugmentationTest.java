package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  private static final Pair PAIR = Shapes.pairs(1, 12).get(0);

  @Test
  void bothPicturesAndTheMaskGoTheSameWay() {
    Augmentation all = new Augmentation(true, 0.2, 0.2, 0);
    boolean turned = false;
    for (int i = 0; i < 20; i++) {
      Pair changed = all.apply(PAIR, 8, new PhiloxGenerator(i));
      Pair expected =
          Pair.differing("again", 8, 8, changed.source(), changed.target(), Shapes.THRESHOLD);
      int outside = 0; // a neighbour beyond the cut is not seen
      for (int p = 0; p < 64; p++) {
        outside += changed.mask()[p] == expected.mask()[p] ? 0 : 1;
        assertThat(changed.mask()[p]).isGreaterThanOrEqualTo(expected.mask()[p]);
      }
      assertThat(outside).isLessThanOrEqualTo(16);
      turned |= !Arrays.equals(changed.mask(), PAIR.mask());
    }
    assertThat(turned).isTrue();
  }

  @Test
  void nothingChangesWithoutOptions() {
    Pair same = Augmentation.none().apply(PAIR, 12, new PhiloxGenerator(1));
    assertThat(same.source()).containsExactly(PAIR.source());
    assertThat(same.target()).containsExactly(PAIR.target());
    assertThat(same.mask()).containsExactly(PAIR.mask());
  }

  @Test
  void mirrorsLeftAndRight() {
    for (int seed = 0; seed < 10; seed++) {
      Pair changed = Augmentation.mirrored().apply(PAIR, 12, new PhiloxGenerator(seed));
      boolean turned = changed.mask()[0] != PAIR.mask()[0] || !equal(changed, PAIR);
      for (int x = 0; x < 12; x++) {
        assertThat(changed.mask()[x]).isEqualTo(PAIR.mask()[turned ? 11 - x : x]);
      }
    }
  }

  private static boolean equal(Pair a, Pair b) {
    return Arrays.equals(a.source(), b.source());
  }

  @Test
  void noiseIsTheSourcesAlone() {
    Pair noisy = new Augmentation(false, 0, 0, 0.01).apply(PAIR, 12, new PhiloxGenerator(1));
    assertThat(noisy.target()).containsExactly(PAIR.target());
    assertThat(noisy.source()).isNotEqualTo(PAIR.source());
    for (int i = 0; i < noisy.source().length; i++) {
      assertThat(Math.abs(noisy.source()[i] - PAIR.source()[i])).isLessThan(0.06f);
    }
  }
}
