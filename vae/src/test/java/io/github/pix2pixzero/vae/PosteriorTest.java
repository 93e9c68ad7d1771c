package io.github.pix2pixzero.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.random.Generator;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PosteriorTest {
  private static final float[] MEAN = {1, -2, 3, 0, 0};
  private static final float[] LOGVAR = {0, 2, -4, 25, -50};

  /** exp(½ · logvar), the last two clamped at 20 and -30. */
  private static final double[] STD = {1, Math.E, Math.exp(-2), Math.exp(10), Math.exp(-15)};

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void samplesMeanPlusDeviationTimesNoise(Backend backend) {
    Posterior posterior = posterior(backend);
    float[] noise = new PhiloxGenerator(7).normal(5);

    Tensor sample = posterior.sample(new PhiloxGenerator(7));

    assertThat(sample.shape()).isEqualTo(posterior.mean().shape());
    float[] values = sample.toFloats();
    for (int i = 0; i < 5; i++) {
      double expected = MEAN[i] + STD[i] * noise[i];
      assertThat((double) values[i]).isCloseTo(expected, within(1e-6 * (1 + Math.abs(expected))));
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void refusesToCutAGraph(Backend backend) {
    Posterior posterior = posterior(backend);
    Posterior tracked = new Posterior(posterior.mean(), posterior.logvar().variable());
    Generator generator = new PhiloxGenerator(7);

    assertThatThrownBy(() -> tracked.sample(generator))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("logvar");
  }

  private static Posterior posterior(Backend backend) {
    return new Posterior(
        Tensor.of(backend, MEAN, 1, 5, 1, 1), Tensor.of(backend, LOGVAR, 1, 5, 1, 1));
  }
}
