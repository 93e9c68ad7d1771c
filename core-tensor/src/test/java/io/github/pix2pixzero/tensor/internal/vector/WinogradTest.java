package io.github.pix2pixzero.tensor.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.random.Generator;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.tensor.testing.OracleBackend;
import io.github.pix2pixzero.tensor.testing.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WinogradTest {

  /**
   * The error of Winograd's algorithm grows with the channels that are summed; direct summation
   * stays below 1e-6 here.
   */
  @ParameterizedTest
  @ValueSource(ints = {32, 320, 1280})
  void staysWithinEightMillionthsOfTheScale(int channels) {
    Conv2dSpec spec = new Conv2dSpec(1, 8, 8, channels, 32, 3, 1, 1, 1, 1, 1);
    assertThat(Winograd.pays(spec)).isTrue();
    Generator random = new PhiloxGenerator(channels);
    float[] x = random.normal(spec.inPixels() * channels);
    float[] weight = random.normal(9 * channels * 32);
    Tensors.assertClose(
        convolve(new VectorBackend(1), spec, x, weight),
        convolve(new OracleBackend(), spec, x, weight),
        8e-6);
  }

  /** Many tiles of few channels, which several tasks share. */
  @Test
  void partsOfAPictureAreThoseOfOneTask() {
    Conv2dSpec spec = new Conv2dSpec(1, 60, 60, 32, 40, 3, 1, 1, 1, 1, 1);
    assertThat(Winograd.pays(spec)).isTrue();
    Generator random = new PhiloxGenerator(1);
    float[] x = random.normal(spec.inPixels() * 32);
    float[] weight = random.normal(9 * 32 * 40);
    float[] actual = convolve(new VectorBackend(2), spec, x, weight);
    Tensors.assertClose(actual, convolve(new OracleBackend(), spec, x, weight), 8e-6);
    assertThat(convolve(new VectorBackend(3), spec, x, weight)).isEqualTo(actual);
  }

  /** As many pixels are summed up for a weight as there are in a picture of 64 × 64. */
  @Test
  void weightGradientStaysWithinEightMillionthsOfTheScale() {
    checkWeightGradient(new Conv2dSpec(1, 64, 64, 32, 32, 3, 1, 1, 1, 1, 1));
  }

  /** More tiles than are transformed at a time, many of which stick out. */
  @Test
  void weightGradientAddsUpTilesOfAllPictures() {
    checkWeightGradient(new Conv2dSpec(2, 46, 47, 32, 48, 3, 1, 1, 0, 1, 2));
  }

  /** More output channels than a task has. */
  @Test
  void weightGradientOfManyChannels() {
    checkWeightGradient(new Conv2dSpec(1, 16, 16, 32, 688, 3, 1, 1, 1, 1, 1));
  }

  private static void checkWeightGradient(Conv2dSpec spec) {
    assertThat(WinogradGradient.pays(spec)).isTrue();
    Generator random = new PhiloxGenerator(spec.height());
    float[] x = random.normal(spec.inPixels() * spec.inChannels());
    float[] gradOut = random.normal(spec.outPixels() * spec.outChannels());
    float[] actual = weightGradient(new VectorBackend(2), spec, x, gradOut);
    Tensors.assertClose(actual, weightGradient(new OracleBackend(), spec, x, gradOut), 8e-6);
    assertThat(weightGradient(new VectorBackend(3), spec, x, gradOut)).isEqualTo(actual);
  }

  private static float[] weightGradient(
      Backend backend, Conv2dSpec spec, float[] x, float[] gradOut) {
    Storage input = upload(backend, x);
    Storage gradient = upload(backend, gradOut);
    Storage weight = backend.allocate(9 * spec.inChannels() * spec.outChannels());
    backend.conv2dWeightGradient(spec, input, gradient, weight);
    return download(backend, weight);
  }

  private static float[] convolve(Backend backend, Conv2dSpec spec, float[] x, float[] weight) {
    Storage input = upload(backend, x);
    Storage factors = upload(backend, weight);
    Storage output = backend.allocate(spec.outPixels() * spec.outChannels());
    backend.conv2d(spec, input, factors, null, output);
    return download(backend, output);
  }

  private static float[] download(Backend backend, Storage storage) {
    float[] result = new float[storage.size()];
    backend.download(storage, result, 0);
    return result;
  }

  private static Storage upload(Backend backend, float[] data) {
    Storage storage = backend.allocate(data.length);
    backend.upload(data, 0, storage);
    return storage;
  }
}
