package io.github.pix2pixzero.tensor.testing;

import io.github.pix2pixzero.tensor.backend.GroupNormSpec;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * Which elements of [batch, pixels, channels] are normalised together, and normalisation for the
 * {@link OracleBackend}.
 */
record OracleGroups(int batch, int pixels, int channels, int groups) {

  static OracleGroups of(GroupNormSpec spec) {
    return new OracleGroups(spec.batch(), spec.pixels(), spec.channels(), spec.groups());
  }

  int size() {
    return batch * pixels * channels;
  }

  int channel(int element) {
    return element % channels;
  }

  int group(int element) {
    int picture = element / (pixels * channels);
    return picture * groups + channel(element) / (channels / groups);
  }

  double normal(double[] x, double[] stats, int element) {
    int group = group(element);
    return (x[element] - stats[2 * group]) * stats[2 * group + 1];
  }

  /** The mean over each group of what {@code value} gives for its elements. */
  double[] means(IntToDoubleFunction value) {
    double[] means = new double[batch * groups];
    for (int i = 0; i < size(); i++) {
      means[group(i)] += value.applyAsDouble(i) * batch * groups / size();
    }
    return means;
  }

  void normalise(
      double epsilon, double[] x, double[] gamma, double[] beta, double[] out, double[] stats) {
    double[] mean = means(i -> x[i]);
    double[] variance = means(i -> (x[i] - mean[group(i)]) * (x[i] - mean[group(i)]));
    for (int group = 0; group < mean.length; group++) {
      stats[2 * group] = mean[group];
      stats[2 * group + 1] = 1 / Math.sqrt(variance[group] + epsilon);
    }
    for (int i = 0; i < size(); i++) {
      out[i] = normal(x, stats, i) * gamma[channel(i)] + beta[channel(i)];
    }
  }

  void backward(
      double[] x,
      double[] gamma,
      double[] stats,
      double[] g,
      double[] gradX,
      double[] gradGamma,
      double[] gradBeta) {
    double[] mean = means(i -> g[i] * gamma[channel(i)]);
    double[] product = means(i -> g[i] * gamma[channel(i)] * normal(x, stats, i));
    for (int i = 0; i < size(); i++) {
      double inner =
          g[i] * gamma[channel(i)] - mean[group(i)] - normal(x, stats, i) * product[group(i)];
      gradX[i] = stats[2 * group(i) + 1] * inner;
    }
    if (gradGamma != null) {
      Arrays.fill(gradGamma, 0);
      Arrays.fill(gradBeta, 0);
      for (int i = 0; i < size(); i++) {
        gradGamma[channel(i)] += g[i] * normal(x, stats, i);
        gradBeta[channel(i)] += g[i];
      }
    }
  }
}
