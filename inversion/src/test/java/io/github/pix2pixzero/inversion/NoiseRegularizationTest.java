package io.github.pix2pixzero.inversion;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class NoiseRegularizationTest {
  private static final double TOLERANCE = 1e-5;
  private static final Backend BACKEND = Backends.named("plain", 1);
  private static final ModelFolder GOLDENS =
      ModelFolder.ofResources(NoiseRegularizationTest.class, "goldens/noise-regularisation");

  static Stream<JsonNode> cases() throws IOException {
    try (InputStream in = GOLDENS.open("cases.json")) {
      return StreamSupport.stream(new JsonMapper().readTree(in).spliterator(), false);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void termsAndGradientsAgreeWithDiffusers(JsonNode golden) throws IOException {
    String name = golden.get("name").asText();
    int height = golden.get("shape").get(2).asInt();
    int width = golden.get("shape").get(3).asInt();
    Iterator<JsonNode> rolls = golden.get("rolls").iterator();
    try (SafetensorsFile io = GOLDENS.safetensors("io.safetensors")) {
      float[] noise = io.readFloats(name + ".noise");
      float[] gradient = new float[noise.length];
      double loss = 0;
      for (int at = 0; at < noise.length; at += height * width) {
        loss +=
            Autocorrelation.accumulate(
                noise, at, height, width, bound -> rolls.next().asInt(), gradient);
      }
      assertThat(rolls).isExhausted();
      assertClose(new float[] {(float) loss}, io.readFloats(name + ".autocorrelation"), TOLERANCE);
      assertClose(gradient, io.readFloats(name + ".autocorrelation_grad"), TOLERANCE);

      float[] klGradient = new float[noise.length];
      double kl = GaussianDivergence.accumulate(noise, klGradient);
      assertClose(new float[] {(float) kl}, io.readFloats(name + ".kl"), TOLERANCE);
      assertClose(klGradient, io.readFloats(name + ".kl_grad"), TOLERANCE);
    }
  }

  @ParameterizedTest
  @EnumSource(PredictionType.class)
  void makesNoiseWhiterWhateverTheModelPredicts(PredictionType type) {
    double alpha = 0.6;
    float[] sample = new TorchCpuGenerator(1).normal(2 * 4 * 16 * 16);
    float[] white = new TorchCpuGenerator(2).normal(sample.length);
    float[] noise = new float[sample.length];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = white[i] + 0.6f * white[Math.floorMod(i - 1, noise.length)] + 0.1f;
    }
    float[] output = new float[sample.length];
    for (int i = 0; i < output.length; i++) {
      output[i] = (float) output(type, alpha, noise[i], sample[i]);
    }
    NoiseRegularization whiter = new NoiseRegularization(5, 5, 20, 0);
    NoiseRegularization normal = new NoiseRegularization(5, 0, 0, 20);
    assertThat(correlation(regularized(whiter, type, alpha, output, sample)))
        .isLessThan(0.9 * correlation(noise));
    assertThat(divergence(regularized(normal, type, alpha, output, sample)))
        .isLessThan(0.9 * divergence(noise));
  }

  /** The noise in a regularised output, every roll by one place. */
  private static float[] regularized(
      NoiseRegularization regularization,
      PredictionType type,
      double alpha,
      float[] output,
      float[] sample) {
    float[] result =
        regularization
            .apply(
                Tensor.of(BACKEND, output, 2, 4, 16, 16),
                Tensor.of(BACKEND, sample, 2, 4, 16, 16),
                type,
                alpha,
                bound -> 1)
            .toFloats();
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) noise(type, alpha, result[i], sample[i]);
    }
    return result;
  }

  @Test
  void leavesTheOutputAloneWithoutRounds() {
    Tensor output = Tensor.of(BACKEND, new float[64], 1, 1, 8, 8);
    assertThat(
            NoiseRegularization.NONE.apply(
                output, output, PredictionType.EPSILON, 0.5, IntUnaryOperator.identity()))
        .isSameAs(output);
  }

  private static double output(PredictionType type, double alpha, double noise, double sample) {
    double original = (sample - Math.sqrt(1 - alpha) * noise) / Math.sqrt(alpha);
    return switch (type) {
      case EPSILON -> noise;
      case V_PREDICTION -> Math.sqrt(alpha) * noise - Math.sqrt(1 - alpha) * original;
      case SAMPLE -> original;
    };
  }

  private static double noise(PredictionType type, double alpha, double output, double sample) {
    return switch (type) {
      case EPSILON -> output;
      case V_PREDICTION -> Math.sqrt(alpha) * output + Math.sqrt(1 - alpha) * sample;
      case SAMPLE -> (sample - Math.sqrt(alpha) * output) / Math.sqrt(1 - alpha);
    };
  }

  private static double divergence(float[] noise) {
    return GaussianDivergence.accumulate(noise, new float[noise.length]);
  }

  private static double correlation(float[] noise) {
    double loss = 0;
    for (int at = 0; at < noise.length; at += 256) {
      loss += Autocorrelation.accumulate(noise, at, 16, 16, bound -> 1, new float[noise.length]);
    }
    return loss;
  }
}
