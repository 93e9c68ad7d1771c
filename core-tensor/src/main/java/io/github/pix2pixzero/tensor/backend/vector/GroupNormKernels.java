package io.github.pix2pixzero.tensor.backend.vector;

import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.backend.GroupNormSpec;
import io.github.pix2pixzero.tensor.backend.cpu.Workers;
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
          float[] scales = channelStats(spec, stats, batch, 1);
          for (int c = 0; c < channels; c++) {
            scales[c] *= gamma[c];
          }
          if (spec.silu()) {
            normaliseSilu(pixels, channels, x, pixel * channels, means, scales, beta, out);
          } else {
            normalise(pixels, channels, x, pixel * channels, means, scales, beta, out);
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
          float[] inverses = channelStats(spec, stats, batch, 1);
          if (spec.silu()) {
            throughSilu(pixels, channels, x, start, means, inverses, gamma, beta, gradOut, gradX);
          } else {
            System.arraycopy(gradOut, start, gradX, start, pixels * channels);
          }
          sum(pixels, channels, gradX, start, sums, at);
          sumOfProducts(pixels, channels, x, start, means, inverses, gradX, products, at);
        });
    double[] sum = total(spec, sums);
    double[] product = total(spec, products);
    float[] groupMeans = new float[2 * spec.batch() * spec.groups()];
    groupMeans(spec, sum, gamma, groupMeans, 0);
    groupMeans(spec, product, gamma, groupMeans, 1);
    eachRun(
        spec,
        (batch, pixel, pixels, at) ->
            inputGradient(
                pixels,
                channels,
                x,
                pixel * channels,
                channelStats(spec, stats, batch, 0),
                channelStats(spec, stats, batch, 1),
                gamma,
                channelStats(spec, groupMeans, batch, 0),
                channelStats(spec, groupMeans, batch, 1),
                gradX));
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
      double sum = 0;
      for (int i = 0; i < spec.groupChannels(); i++) {
        int c = group * spec.groupChannels() + i;
        sum += weights == null ? perChannel[c] : weights[c % spec.channels()] * perChannel[c];
      }
      out[2 * group + which] = (float) (sum / count);
    }
  }

  /** One of the two numbers kept for a group, for each of its channels. */
  private static float[] channelStats(GroupNormSpec spec, float[] stats, int batch, int which) {
    float[] perChannel = new float[spec.channels()];
    for (int c = 0; c < perChannel.length; c++) {
      perChannel[c] = stats[2 * (batch * spec.groups() + c / spec.groupChannels()) + which];
    }
    return perChannel;
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

  // ------------------------------------------------------------------ loops over the pixels of a
  // run

  private static void sum(int pixels, int channels, float[] x, int start, float[] sums, int at) {
    for (int c = 0; c < channels; c += LANES) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int p = 0; p < pixels; p++) {
        sum = sum.add(FloatVector.fromArray(SPECIES, x, start + c + p * channels));
      }
      sum.intoArray(sums, at + c);
    }
  }

  private static void sumOfSquares(
      int pixels, int channels, float[] x, int start, float[] means, float[] sums, int at) {
    for (int c = 0; c < channels; c += LANES) {
      FloatVector mean = FloatVector.fromArray(SPECIES, means, c);
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int p = 0; p < pixels; p++) {
        FloatVector d = FloatVector.fromArray(SPECIES, x, start + c + p * channels).sub(mean);
        sum = d.fma(d, sum);
      }
      sum.intoArray(sums, at + c);
    }
  }

  private static void sumOfProducts(
      int pixels,
      int channels,
      float[] x,
      int start,
      float[] means,
      float[] inverses,
      float[] g,
      float[] sums,
      int at) {
    for (int c = 0; c < channels; c += LANES) {
      FloatVector mean = FloatVector.fromArray(SPECIES, means, c);
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int p = 0; p < pixels; p++) {
        int i = start + c + p * channels;
        FloatVector d = FloatVector.fromArray(SPECIES, x, i).sub(mean);
        sum = d.fma(FloatVector.fromArray(SPECIES, g, i), sum);
      }
      sum.mul(FloatVector.fromArray(SPECIES, inverses, c)).intoArray(sums, at + c);
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
    for (int c = 0; c < channels; c += LANES) {
      FloatVector mean = FloatVector.fromArray(SPECIES, means, c);
      FloatVector scale = FloatVector.fromArray(SPECIES, scales, c);
      FloatVector shift = FloatVector.fromArray(SPECIES, beta, c);
      for (int p = 0; p < pixels; p++) {
        int i = start + c + p * channels;
        FloatVector.fromArray(SPECIES, x, i).sub(mean).fma(scale, shift).intoArray(out, i);
      }
    }
  }

  private static void normaliseSilu(
      int pixels,
      int channels,
      float[] x,
      int start,
      float[] means,
      float[] scales,
      float[] beta,
      float[] out) {
    for (int c = 0; c < channels; c += LANES) {
      FloatVector mean = FloatVector.fromArray(SPECIES, means, c);
      FloatVector scale = FloatVector.fromArray(SPECIES, scales, c);
      FloatVector shift = FloatVector.fromArray(SPECIES, beta, c);
      for (int p = 0; p < pixels; p++) {
        int i = start + c + p * channels;
        FloatVector y = FloatVector.fromArray(SPECIES, x, i).sub(mean).fma(scale, shift);
        y.mul(VectorMath.sigmoid(y)).intoArray(out, i);
      }
    }
  }

  private static void throughSilu(
      int pixels,
      int channels,
      float[] x,
      int start,
      float[] means,
      float[] inverses,
      float[] gamma,
      float[] beta,
      float[] gradOut,
      float[] g) {
    for (int c = 0; c < channels; c += LANES) {
      FloatVector mean = FloatVector.fromArray(SPECIES, means, c);
      FloatVector scale =
          FloatVector.fromArray(SPECIES, inverses, c).mul(FloatVector.fromArray(SPECIES, gamma, c));
      FloatVector shift = FloatVector.fromArray(SPECIES, beta, c);
      for (int p = 0; p < pixels; p++) {
        int i = start + c + p * channels;
        FloatVector y = FloatVector.fromArray(SPECIES, x, i).sub(mean).fma(scale, shift);
        VectorMath.siluSlope(y).mul(FloatVector.fromArray(SPECIES, gradOut, i)).intoArray(g, i);
      }
    }
  }

  /** Turns g, which {@code gradX} holds, into the gradient of the input. */
  private static void inputGradient(
      int pixels,
      int channels,
      float[] x,
      int start,
      float[] means,
      float[] inverses,
      float[] gamma,
      float[] meanG,
      float[] meanProduct,
      float[] gradX) {
    for (int c = 0; c < channels; c += LANES) {
      FloatVector mean = FloatVector.fromArray(SPECIES, means, c);
      FloatVector inverse = FloatVector.fromArray(SPECIES, inverses, c);
      FloatVector scale = inverse.mul(FloatVector.fromArray(SPECIES, gamma, c));
      FloatVector offset = inverse.mul(FloatVector.fromArray(SPECIES, meanG, c));
      FloatVector slope =
          inverse.mul(inverse).mul(FloatVector.fromArray(SPECIES, meanProduct, c)).neg();
      for (int p = 0; p < pixels; p++) {
        int i = start + c + p * channels;
        FloatVector g = FloatVector.fromArray(SPECIES, gradX, i);
        FloatVector d = FloatVector.fromArray(SPECIES, x, i).sub(mean);
        d.fma(slope, g.mul(scale).sub(offset)).intoArray(gradX, i);
      }
    }
  }
}
