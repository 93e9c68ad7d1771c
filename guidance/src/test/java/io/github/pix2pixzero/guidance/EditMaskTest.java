package io.github.pix2pixzero.guidance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Floats;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backends;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a map of change becomes a mask, on maps of 16 × 24. */
class EditMaskTest {
  private static final int HEIGHT = 16;
  private static final int WIDTH = 24;

  /** A map with one value in the box of columns 8 to 15 and rows 4 to 11, another around it. */
  private static float[] map(float inside, float outside) {
    float[] map = new float[HEIGHT * WIDTH];
    for (int i = 0; i < map.length; i++) {
      map[i] = inBox(i, 0) ? inside : outside;
    }
    return map;
  }

  private static boolean inBox(int i, int margin) {
    int x = i % WIDTH;
    int y = i / WIDTH;
    return x >= 8 - margin && x < 16 + margin && y >= 4 - margin && y < 12 + margin;
  }

  private static float[] mask(float inside, float outside) {
    return mask(map(inside, outside));
  }

  private static float[] mask(float[] map) {
    return EditMask.threshold(EditMask.change(map, HEIGHT, WIDTH), false, HEIGHT, WIDTH);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 10, 13, 20, 25, 50, 999})
  void looksAtLatentsEvenly(int steps) {
    int[] samples = EditMask.samples(steps);
    int first = (int) Math.round(0.16 * steps);
    int last = Math.max(first, (int) Math.ceil(0.68 * steps) - 1);
    int wanted = Math.max(1, Math.min(7, Math.round(steps / 3f)));
    assertThat(samples)
        .hasSize(Math.min(wanted, last - first + 1))
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(EditMask.passes(steps)).isEqualTo(2 * samples.length);
    assertThat(samples[0]).isEqualTo(first);
    if (samples.length > 1) {
      assertThat(samples[samples.length - 1]).isEqualTo(last);
      int least = (last - first) / (samples.length - 1);
      for (int i = 1; i < samples.length; i++) {
        assertThat(samples[i] - samples[i - 1]).isBetween(least, least + 1);
      }
    }
  }

  @Test
  void whatIsAddedIsCutOutCloser() {
    float[] change = EditMask.change(map(1, 0.145f), HEIGHT, WIDTH);
    float[] replaced = EditMask.threshold(change, false, HEIGHT, WIDTH);
    float[] added = EditMask.threshold(change, true, HEIGHT, WIDTH);
    assertThat(Floats.asList(replaced)).containsOnly(1f);
    assertThat(Floats.asList(added)).contains(0f, 1f);
  }

  @Test
  void cutsOutAThing() {
    float[] mask = mask(1, 0.05f);
    for (int i = 0; i < mask.length; i++) {
      if (inBox(i, -1)) {
        assertThat(mask[i]).isEqualTo(1);
      } else if (!inBox(i, 2)) {
        assertThat(mask[i]).isZero();
      }
    }
  }

  @Test
  void leavesAThingAloneWhoseSurroundingsChange() {
    float[] mask = mask(0.25f, 0.6f);
    for (int i = 0; i < mask.length; i++) {
      if (inBox(i, -2)) {
        assertThat(mask[i]).isZero();
      } else if (!inBox(i, 1)) {
        assertThat(mask[i]).isEqualTo(1);
      }
    }
  }

  @Test
  void aChangeOfEverythingHasNoOutside() {
    assertThat(mask(1, 0.5f)).containsOnly(1);
    assertThat(mask(0.5f, 0.7f)).containsOnly(1);
  }

  @Test
  void specksDoNotCount() {
    float[] map = map(1, 0.05f);
    map[2 * WIDTH + 2] = 0.4f;
    assertThat(mask(map)[2 * WIDTH + 2]).isZero();
  }

  @Test
  void guidanceYieldsWhereAnAdditionChangesMost() {
    Tensor change = Tensor.of(Backends.best(), new float[] {0, 0.25f, 1}, 1, 1, 1, 3);
    assertThat(new EditMask(change, change).pull().toFloats()).containsExactly(1, 0.25f, 0);
  }

  @Test
  void whereNothingChangesTheMaskIsEmpty() {
    assertThat(mask(0, 0)).containsOnly(0);
  }
}
