package io.github.pix2pixzero.tensor.backend.vector;

import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.backend.GroupNormSpec;
import io.github.pix2pixzero.tensor.backend.cpu.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Group normalisation (Wu and He, 2018), with SiLU where asked, of pixels that are made of whole
 * vectors. A picture is cut into runs of pixels; every pass goes over the runs in parallel. Sums
 * are taken for each channel: in single precision within a run, in double beyond.
 */
final class GroupNormKernels {
  private static final int TASK_ELEMENTS = 16384;

  /** Pixels summed in single precision. */
  private static final int MOST_PIXELS = 64;

  private final Workers workers;

  GroupNormKernels(Workers workers) {
    this.workers = workers;
  }

  void forward(
      GroupNormSpec spec, float[] x, float[] gamma, float[] beta, float[] out, float[] stats) {
    int channels = spec.channels();
    float[] sums = new float[sums(spec)];
    eachRun(
        spec, (batch, pixel, pixels, at) -> sum(pixels, channels, x, pixel * channels, sums, at));
    groupMeans(spec, total(spec, sums), null, stats, 0);
    eachRun(
        spec,
        (batch, pixel, pixels, at) -> {
          float[] means = channelStats(spec, stats, batch, 0);
          sumOfSquares(pixels, channels, x, pixel * channels, means, sums, at);
        });
    groupMeans(spec, total(spec, sums), null, stats, 1);
    for (int group = 0; group < spec.batch() * spec.groups(); group++) {
      stats[2 * group + 1] =
          (float) (1 / Math.sqrt((double) stats[2 * group + 1] + spec.epsilon()));
    }
    eachRun(
        spec,
        (batch, pixel, pixels, at) -> {
          float[] means = channelStats(spec, stats, batch, 0);
          float[] scales = times(channelStats(spec, stats, batch, 1), gamma);
          int start = pixel * channels;
          normalise(pixels, channels, x, start, means, scales, beta, out);
          if (spec.silu()) {
            silu(pixels * channels, out, start);
          }
        });
  }

  /**
   * With x̂ the normalised input, g what arrives at the normalisation through SiLU, G = g · gamma
   * and r = 1 / √(variance + ε): {@code gradX = r · (G - mean(G) - x̂ · mean(G · x̂))}, {@code
   * gradGamma = Σ g · x̂}, {@code gradBeta = Σ g}.
   */
  void backward(
      GroupNormSpec spec,
      float[] x,
      float[] gamma,
      float[] beta,
      float[] stats,
      float[] gradOut,
      float[] gradX,
      float[] gradGamma,
      float[] gradBeta) {
    int channels = spec.channels();
    float[] sums = new float[sums(spec)];
    float[] products = new float[sums(spec)];
    eachRun(
        spec,
        (batch, pixel, pixels, at) -> {
          int start = pixel * channels;
          float[] means = channelStats(spec, stats, batch, 0);
          if (spec.silu()) {
            float[] scales = times(channelStats(spec, stats, batch, 1), gamma);
            normalise(pixels, channels, x, start, means, scales, beta, gradX);
            throughSilu(pixels * channels, gradOut, gradX, start);
          } else {
            System.arraycopy(gradOut, start, gradX, start, pixels * channels);
          }
          sum(pixels, channels, gradX, start, sums, at);
          sumOfProducts(pixels, channels, x, start, means, gradX, products, at);
        });
    double[] sum = total(spec, sums);
    double[] product = total(spec, products);
    for (int c = 0; c < product.length; c++) {
      product[c] *= stats[2 * (c / spec.groupChannels()) + 1];
    }
    float[] groupMeans = new float[2 * spec.batch() * spec.groups()];
    groupMeans(spec, sum, gamma, groupMeans, 0);
    groupMeans(spec, product, gamma, groupMeans, 1);
    eachRun(
        spec,
        (batch, pixel, pixels, at) -> {
          float[] means = channelStats(spec, stats, batch, 0);
          float[] inverses = channelStats(spec, stats, batch, 1);
          float[] slopes = channelStats(spec, groupMeans, batch, 1);
          for (int c = 0; c < channels; c++) {
            slopes[c] *= -inverses[c] * inverses[c];
          }
          float[] offsets = times(channelStats(spec, groupMeans, batch, 0), inverses);
          float[] scales = times(inverses, gamma);
          int start = pixel * channels;
          inputGradient(pixels, channels, x, start, means, slopes, scales, offsets, gradX);
        });
    if (gradGamma != null) {
      overBatch(spec, product, gradGamma);
      overBatch(spec, sum, gradBeta);
    }
  }

  /** A pass over a run of pixels. */
  @FunctionalInterface
  private interface Pass {
    /**
     * @param pixel the run's first, counted through the batch
     * @param at where the run's sums go, one a channel
     */
    void run(int batch, int pixel, int pixels, int at);
  }

  private void eachRun(GroupNormSpec spec, Pass pass) {
    int length = runLength(spec);
    int runs = Tasks.divideUp(spec.pixels(), length);
    int grain = Math.max(1, TASK_ELEMENTS / (length * spec.channels()));
    workers.range(
        spec.batch() * runs,
        grain,
        (from, to) -> {
          for (int run = from; run < to; run++) {
            int batch = run / runs;
            int pixel = run % runs * length;
            int pixels = Math.min(length, spec.pixels() - pixel);
            pass.run(batch, batch * spec.pixels() + pixel, pixels, run * spec.channels());
          }
        });
  }

  private static int runLength(GroupNormSpec spec) {
    return Math.max(1, Math.min(MOST_PIXELS, TASK_ELEMENTS / spec.channels()));
  }

  private static int sums(GroupNormSpec spec) {
    return spec.batch() * Tasks.divideUp(spec.pixels(), runLength(spec)) * spec.channels();
  }

  /** The sums of all runs of a picture, [batch, channels]. */
  private static double[] total(GroupNormSpec spec, float[] sums) {
    int channels = spec.channels();
    int perPicture = sums.length / spec.batch();
    double[] total = new double[spec.batch() * channels];
    for (int batch = 0; batch < spec.batch(); batch++) {
      for (int run = batch * perPicture; run < (batch + 1) * perPicture; run += channels) {
        for (int c = 0; c < channels; c++) {
          total[batch * channels + c] += sums[run + c];
        }
      }
    }
    return total;
  }

  /**
   * Means over the groups, each channel weighted by {@code weights} if given, into every second
   * element of {@code out}.
   */
  private static void groupMeans(
      GroupNormSpec spec, double[] perChannel, float[] weights, float[] out, int which) {
    double count = (double) spec.pixels() * spec.groupChannels();
    for (int group = 0; group < spec.batch() * spec.groups(); group++) {
      int first = group * spec.groupChannels();
      int weight = group % spec.groups() * spec.groupChannels();
      double sum = 0;
      for (int i = 0; i < spec.groupChannels(); i++) {
        double value = perChannel[first + i];
        sum += weights == null ? value : weights[weight + i] * value;
      }
      out[2 * group + which] = (float) (sum / count);
    }
  }

  /** One of the two numbers kept for a group, for each of its channels. */
  private static float[] channelStats(GroupNormSpec spec, float[] stats, int batch, int which) {
    int size = spec.groupChannels();
    float[] perChannel = new float[spec.channels()];
    for (int group = 0; group < spec.groups(); group++) {
      float value = stats[2 * (batch * spec.groups() + group) + which];
      Arrays.fill(perChannel, group * size, (group + 1) * size, value);
    }
    return perChannel;
  }

  /** Multiplies the first by the second, and returns it. */
  private static float[] times(float[] x, float[] factors) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= factors[i];
    }
    return x;
  }

  private static void overBatch(GroupNormSpec spec, double[] perPicture, float[] out) {
    for (int c = 0; c < spec.channels(); c++) {
      double sum = 0;
      for (int i = c; i < perPicture.length; i += spec.channels()) {
        sum += perPicture[i];
      }
      out[c] = (float) sum;
    }
  }

  // ------------------------------------------------------------------ loops over a run of pixels

  /** The channel of the vector after that of channel {@code c}. */
  private static int next(int c, int channels) {
    return c + LANES == channels ? 0 : c + LANES;
  }

  private static void sum(int pixels, int channels, float[] x, int start, float[] sums, int at) {
    Arrays.fill(sums, at, at + channels, 0f);
    for (int i = 0, c = 0; i < pixels * channels; i += LANES, c = next(c, channels)) {
      FloatVector.fromArray(SPECIES, x, start + i)
          .add(FloatVector.fromArray(SPECIES, sums, at + c))
          .intoArray(sums, at + c);
    }
  }

  private static void sumOfSquares(
      int pixels, int channels, float[] x, int start, float[] means, float[] sums, int at) {
    Arrays.fill(sums, at, at + channels, 0f);
    for (int i = 0, c = 0; i < pixels * channels; i += LANES, c = next(c, channels)) {
      FloatVector mean = FloatVector.fromArray(SPECIES, means, c);
      FloatVector d = FloatVector.fromArray(SPECIES, x, start + i).sub(mean);
      d.fma(d, FloatVector.fromArray(SPECIES, sums, at + c)).intoArray(sums, at + c);
    }
  }

  /** Sums of (x - mean) · g. */
  private static void sumOfProducts(
      int pixels,
      int channels,
      float[] x,
      int start,
      float[] means,
      float[] g,
      float[] sums,
      int at) {
    Arrays.fill(sums, at, at + channels, 0f);
    for (int i = 0, c = 0; i < pixels * channels; i += LANES, c = next(c, channels)) {
      FloatVector mean = FloatVector.fromArray(SPECIES, means, c);
      FloatVector d = FloatVector.fromArray(SPECIES, x, start + i).sub(mean);
      FloatVector sum = FloatVector.fromArray(SPECIES, sums, at + c);
      d.fma(FloatVector.fromArray(SPECIES, g, start + i), sum).intoArray(sums, at + c);
    }
  }

  private static void normalise(
      int pixels,
      int channels,
      float[] x,
      int start,
      float[] means,
      float[] scales,
      float[] beta,
      float[] out) {
    for (int i = 0, c = 0; i < pixels * channels; i += LANES, c = next(c, channels)) {
      FloatVector d =
          FloatVector.fromArray(SPECIES, x, start + i)
              .sub(FloatVector.fromArray(SPECIES, means, c));
      d.fma(FloatVector.fromArray(SPECIES, scales, c), FloatVector.fromArray(SPECIES, beta, c))
          .intoArray(out, start + i);
    }
  }

  private static void silu(int length, float[] x, int start) {
    for (int i = start; i < start + length; i += LANES) {
      FloatVector y = FloatVector.fromArray(SPECIES, x, i);
      y.mul(VectorMath.sigmoid(y)).intoArray(x, i);
    }
  }

  /** {@code g = gradOut · silu′(g)}. */
  private static void throughSilu(int length, float[] gradOut, float[] g, int start) {
    for (int i = start; i < start + length; i += LANES) {
      FloatVector slope = VectorMath.siluSlope(FloatVector.fromArray(SPECIES, g, i));
      slope.mul(FloatVector.fromArray(SPECIES, gradOut, i)).intoArray(g, i);
    }
  }

  /** {@code gradX = slope · (x - mean) + scale · gradX - offset}, where {@code gradX} holds g. */
  private static void inputGradient(
      int pixels,
      int channels,
      float[] x,
      int start,
      float[] means,
      float[] slopes,
      float[] scales,
      float[] offsets,
      float[] gradX) {
    for (int i = 0, c = 0; i < pixels * channels; i += LANES, c = next(c, channels)) {
      FloatVector d =
          FloatVector.fromArray(SPECIES, x, start + i)
              .sub(FloatVector.fromArray(SPECIES, means, c));
      FloatVector g = FloatVector.fromArray(SPECIES, gradX, start + i);
      FloatVector scaled =
          g.mul(FloatVector.fromArray(SPECIES, scales, c))
              .sub(FloatVector.fromArray(SPECIES, offsets, c));
      d.fma(FloatVector.fromArray(SPECIES, slopes, c), scaled).intoArray(gradX, start + i);
    }
  }
}
