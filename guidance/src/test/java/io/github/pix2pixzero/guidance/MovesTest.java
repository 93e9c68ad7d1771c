package io.github.pix2pixzero.guidance;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two channels of two places high and four wide. */
class MovesTest {
  private static final Backend BACKEND = Backends.named("plain", 1);
  private static final int PLACES = 8;

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor tensor(float... values) {
    return Tensor.of(BACKEND, values, 1, 2, 2, 4);
  }

  private static Tensor filled(float value) {
    float[] values = new float[2 * PLACES];
    Arrays.fill(values, value);
    return tensor(values);
  }

  @Test
  void aPlaceGoesNoFartherThanTwelveTenthsOfTheMean() {
    float[] move = {3, 0, 0, 1, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 1, 0};

    float[] limited = Moves.limited(tensor(move), filled(100)).toFloats();

    float largest = (float) (1.2 * Math.sqrt((25 + 1 + 1) / 8.0));
    move[0] = 3 * largest / 5;
    move[PLACES] = 4 * largest / 5;
    assertClose(limited, move, 1e-6);
  }

  @Test
  void soWhateverItsScale() {
    float[] move = {3, 0, 0, 1, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 1, 0};
    float[] limited = Moves.limited(tensor(move), filled(100)).toFloats();

    for (float scale : new float[] {1e-30f, 1e30f}) {
      float[] scaled =
          Moves.limited(tensor(move).mul(scale), filled(100).mul(1e30f)).mul(1 / scale).toFloats();
      assertClose(scaled, limited, 1e-5);
    }
  }

  @Test
  void allGoNoFartherThanATenthOfTheLatent() {
    assertClose(Moves.limited(filled(2), filled(5)).toFloats(), filled(0.5f).toFloats(), 1e-6);
    assertClose(Moves.limited(filled(0.4f), filled(5)).toFloats(), filled(0.4f).toFloats(), 1e-6);
  }

  @Test
  void whatDoesNotMoveStays() {
    assertThat(Moves.limited(filled(0), filled(5)).toFloats()).containsOnly(0f);
  }

  @Test
  void whatIsNotFiniteIsHandedOn() {
    assertThat(Moves.limited(filled(Float.NaN), filled(5)).toFloats()).containsOnly(Float.NaN);
    assertThat(Moves.limited(filled(Float.POSITIVE_INFINITY), filled(5)).toFloats())
        .doesNotContain(0f);
  }
}
