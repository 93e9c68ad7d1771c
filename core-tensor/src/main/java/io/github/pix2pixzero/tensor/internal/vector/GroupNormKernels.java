package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.backend.GroupNormSpec;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Group normalisation (Wu and He, 2018), with SiLU where asked, of pixels that are made of whole
 * vectors. A picture is cut into runs of pixels; every pass goes over the runs in parallel. Sums
 * are taken for each channel: in single precision within a run, in double beyond.
 */
final class GroupNormKernels {
  private static final int TASK_ELEMENTS = 16384;

  /** Pixels summed in single precision: few enough for that, enough to be worth adding up. */
  private static final int LEAST_PIXELS = 32;

  private static final int MOST_PIXELS = 64;

  /** Elements that stay in the first-level cache from one loop to the next. */
  private static final int STRIP_ELEMENTS = 2048;

  /** Pixels that are summed at a time. */
  private static final int TOGETHER = 4;

  /** Pixels from which a channel's mean is guessed. */
  private static final int SAMPLES = 16;

  private final Workers workers;

  GroupNormKernels(Workers workers) {
    this.workers = workers;
  }

  /**
   * Mean and variance come from one pass, over the differences to a guess of each channel's mean:
   * with it the sum of squares loses no digits, whatever the mean.
   */
  void forward(
      GroupNormSpec spec, float[] x, float[] gamma, float[] beta, float[] out, float[] stats) {
    int channels = spec.channels();
    float[] guesses = guessMeans(spec, x);
    float[] sums = new float[sums(spec)];
    float[] squares = new float[sums(spec)];
    workers.range(
        allRuns(spec),
        grain(spec),
        (from, to) -> {
          for (Strips strips = new Strips(spec, from, to); strips.next(); ) {
            int at = strips.sums;
            sum(strips.pixels, channels, x, strips.start, guesses, strips.stats, sums, squares, at);
          }
        });
    statistics(spec, guesses, total(spec, sums), total(spec, squares), stats);
    float[] means = perChannel(spec, stats, 0);
    float[] scales = times(perChannel(spec, stats, 1), gamma);
    workers.range(
        allRuns(spec),
        grain(spec),
        (from, to) -> {
          for (Strips strips = new Strips(spec, from, to); strips.next(); ) {
            int start = strips.start;
            if (spec.silu()) {
              activate(strips.pixels, channels, x, start, means, scales, strips.stats, beta, out);
            } else {
              normalise(strips.pixels, channels, x, start, means, scales, strips.stats, beta, out);
            }
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
    float[] means = perChannel(spec, stats, 0);
    float[] inverses = perChannel(spec, stats, 1);
    float[] scales = times(inverses.clone(), gamma);
    float[] sums = new float[sums(spec)];
    float[] products = new float[sums(spec)];
    workers.range(
        allRuns(spec),
        grain(spec),
        (from, to) -> {
          for (Strips strips = new Strips(spec, from, to); strips.next(); ) {
            int pixels = strips.pixels;
            int start = strips.start;
            int stat = strips.stats;
            int at = strips.sums;
            if (spec.silu()) {
              normalise(pixels, channels, x, start, means, scales, stat, beta, gradX);
              throughSilu(pixels * channels, gradOut, gradX, start);
            } else {
              System.arraycopy(gradOut, start, gradX, start, pixels * channels);
            }
            sumWithProducts(pixels, channels, x, start, means, stat, gradX, sums, products, at);
          }
        });
    double[] sum = total(spec, sums);
    double[] product = total(spec, products);
    for (int c = 0; c < product.length; c++) {
      product[c] *= inverses[c];
    }
    float[] groupMeans = new float[2 * spec.batch() * spec.groups()];
    groupMeans(spec, sum, gamma, groupMeans, 0);
    groupMeans(spec, product, gamma, groupMeans, 1);
    float[] slopes = perChannel(spec, groupMeans, 1);
    for (int c = 0; c < slopes.length; c++) {
      slopes[c] *= -inverses[c] * inverses[c];
    }
    float[] offsets = times(perChannel(spec, groupMeans, 0), inverses);
    workers.range(
        allRuns(spec),
        grain(spec),
        (from, to) -> {
          for (Strips strips = new Strips(spec, from, to); strips.next(); ) {
            int start = strips.start;
            int stat = strips.stats;
            inputGradient(
                strips.pixels, channels, x, start, means, slopes, scales, offsets, stat, gradX);
          }
        });
    if (gradGamma != null) {
      overBatch(spec, product, gradGamma);
      overBatch(spec, sum, gradBeta);
    }
  }

  /**
   * Cuts runs of pixels into strips. Each pass has its own loop over them, since one for all would
   * have the JIT compiler put all passes into one method and give up on its vectors.
   */
  private static final class Strips {
    private final GroupNormSpec spec;
    private final int length;
    private final int runs;
    private final int most;
    private int run;
    private final int endRun;
    private int pixel;

    /** Pixels of the strip. */
    int pixels;

    /** The strip's first element. */
    int start;

    /** Where the numbers of the strip's picture are, one a channel. */
    int stats;

    /** Where the sums of the strip's run are, one a channel. */
    int sums;

    Strips(GroupNormSpec spec, int run, int endRun) {
      this.spec = spec;
      this.length = runLength(spec);
      this.runs = runs(spec);
      this.most = Math.max(1, STRIP_ELEMENTS / spec.channels() / TOGETHER) * TOGETHER;
      this.run = run;
      this.endRun = endRun;
      this.pixel = run % runs * length;
    }

    /** Goes on to the next strip, if there is one. */
    boolean next() {
      int end = Math.min(spec.pixels(), (run % runs + 1) * length);
      if (pixel == end) {
        if (++run == endRun) {
          return false;
        }
        pixel = run % runs * length;
        end = Math.min(spec.pixels(), pixel + length);
      }
      int batch = run / runs;
      pixels = Math.min(most, end - pixel);
      start = (batch * spec.pixels() + pixel) * spec.channels();
      stats = batch * spec.channels();
      sums = run * spec.channels();
      pixel += pixels;
      return true;
    }
  }

  private static int allRuns(GroupNormSpec spec) {
    return spec.batch() * runs(spec);
  }

  /** Runs of a task. */
  private static int grain(GroupNormSpec spec) {
    return Math.max(1, TASK_ELEMENTS / (runLength(spec) * spec.channels()));
  }

  private static int runs(GroupNormSpec spec) {
    return Tasks.divideUp(spec.pixels(), runLength(spec));
  }

  private static int runLength(GroupNormSpec spec) {
    return Math.max(LEAST_PIXELS, Math.min(MOST_PIXELS, TASK_ELEMENTS / spec.channels()));
  }

  private static int sums(GroupNormSpec spec) {
    return allRuns(spec) * spec.channels();
  }

  /** The means over some pixels of each picture, [batch, channels]. */
  private static float[] guessMeans(GroupNormSpec spec, float[] x) {
    int channels = spec.channels();
    int step = Tasks.divideUp(spec.pixels(), SAMPLES);
    float share = 1f / Tasks.divideUp(spec.pixels(), step);
    float[] means = new float[spec.batch() * channels];
    for (int batch = 0; batch < spec.batch(); batch++) {
      for (int pixel = 0; pixel < spec.pixels(); pixel += step) {
        int start = (batch * spec.pixels() + pixel) * channels;
        for (int c = 0; c < channels; c++) {
          means[batch * channels + c] += share * x[start + c];
        }
      }
    }
    return means;
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
   * Mean and 1 / √(variance + ε) of each group.
   *
   * @param sums of the differences to the guesses, [batch, channels]
   * @param squares sums of the squares of these differences
   */
  private static void statistics(
      GroupNormSpec spec, float[] guesses, double[] sums, double[] squares, float[] stats) {
    double count = (double) spec.pixels() * spec.groupChannels();
    for (int group = 0; group < spec.batch() * spec.groups(); group++) {
      int first = group * spec.groupChannels();
      int end = first + spec.groupChannels();
      double mean = 0;
      for (int c = first; c < end; c++) {
        mean += guesses[c] * (double) spec.pixels() + sums[c];
      }
      mean /= count;
      double variance = 0;
      for (int c = first; c < end; c++) {
        double shift = guesses[c] - mean;
        variance += squares[c] + shift * (2 * sums[c] + shift * spec.pixels());
      }
      variance = Math.max(0, variance) / count;
      stats[2 * group] = (float) mean;
      stats[2 * group + 1] = (float) (1 / Math.sqrt(variance + spec.epsilon()));
    }
  }

  /** Means of gamma times a channel's sum over the groups, into every second element. */
  private static void groupMeans(
      GroupNormSpec spec, double[] perChannel, float[] gamma, float[] out, int which) {
    double count = (double) spec.pixels() * spec.groupChannels();
    for (int group = 0; group < spec.batch() * spec.groups(); group++) {
      int first = group * spec.groupChannels();
      int weight = group % spec.groups() * spec.groupChannels();
      double sum = 0;
      for (int i = 0; i < spec.groupChannels(); i++) {
        sum += gamma[weight + i] * perChannel[first + i];
      }
      out[2 * group + which] = (float) (sum / count);
    }
  }

  /** One of the two numbers kept for each group, for each of its channels: [batch, channels]. */
  private static float[] perChannel(GroupNormSpec spec, float[] stats, int which) {
    int size = spec.groupChannels();
    float[] perChannel = new float[spec.batch() * spec.channels()];
    for (int group = 0; group < spec.batch() * spec.groups(); group++) {
      Arrays.fill(perChannel, group * size, (group + 1) * size, stats[2 * group + which]);
    }
    return perChannel;
  }

  /** Multiplies the first by the second, repeated as often as fits, and returns it. */
  private static float[] times(float[] x, float[] factors) {
    for (int start = 0; start < x.length; start += factors.length) {
      for (int i = 0; i < factors.length; i++) {
        x[start + i] *= factors[i];
      }
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

  // ---------------------------------------------------------------- loops over a strip of pixels

  /** The channel of the vector after that of channel {@code c}. */
  private static int next(int c, int channels) {
    return c + LANES == channels ? 0 : c + LANES;
  }

  /** Adds x - guess to the sums and its square to the squares. */
  private static void sum(
      int pixels,
      int channels,
      float[] x,
      int start,
      float[] guesses,
      int guess,
      float[] sums,
      float[] squares,
      int at) {
    int together = pixels - pixels % TOGETHER;
    for (int pixel = 0; pixel < together; pixel += TOGETHER) {
      sumFour(channels, x, start + pixel * channels, guesses, guess, sums, squares, at);
    }
    for (int pixel = together; pixel < pixels; pixel++) {
      for (int c = 0; c < channels; c += LANES) {
        FloatVector d =
            FloatVector.fromArray(SPECIES, x, start + pixel * channels + c)
                .sub(FloatVector.fromArray(SPECIES, guesses, guess + c));
        d.add(FloatVector.fromArray(SPECIES, sums, at + c)).intoArray(sums, at + c);
        d.fma(d, FloatVector.fromArray(SPECIES, squares, at + c)).intoArray(squares, at + c);
      }
    }
  }

  private static void sumFour(
      int channels,
      float[] x,
      int start,
      float[] guesses,
      int guess,
      float[] sums,
      float[] squares,
      int at) {
    for (int c = 0; c < channels; c += LANES) {
      int i = start + c;
      FloatVector mean = FloatVector.fromArray(SPECIES, guesses, guess + c);
      FloatVector d0 = FloatVector.fromArray(SPECIES, x, i).sub(mean);
      FloatVector d1 = FloatVector.fromArray(SPECIES, x, i + channels).sub(mean);
      FloatVector d2 = FloatVector.fromArray(SPECIES, x, i + 2 * channels).sub(mean);
      FloatVector d3 = FloatVector.fromArray(SPECIES, x, i + 3 * channels).sub(mean);
      d0.add(d1)
          .add(d2.add(d3))
          .add(FloatVector.fromArray(SPECIES, sums, at + c))
          .intoArray(sums, at + c);
      FloatVector square = d0.fma(d0, FloatVector.fromArray(SPECIES, squares, at + c));
      d3.fma(d3, d2.fma(d2, d1.fma(d1, square))).intoArray(squares, at + c);
    }
  }

  /** Adds g to the sums and (x - mean) · g to the products. */
  private static void sumWithProducts(
      int pixels,
      int channels,
      float[] x,
      int start,
      float[] means,
      int mean,
      float[] g,
      float[] sums,
      float[] products,
      int at) {
    for (int i = 0, c = 0; i < pixels * channels; i += LANES, c = next(c, channels)) {
      FloatVector d =
          FloatVector.fromArray(SPECIES, x, start + i)
              .sub(FloatVector.fromArray(SPECIES, means, mean + c));
      FloatVector v = FloatVector.fromArray(SPECIES, g, start + i);
      v.add(FloatVector.fromArray(SPECIES, sums, at + c)).intoArray(sums, at + c);
      d.fma(v, FloatVector.fromArray(SPECIES, products, at + c)).intoArray(products, at + c);
    }
  }

  private static void normalise(
      int pixels,
      int channels,
      float[] x,
      int start,
      float[] means,
      float[] scales,
      int stat,
      float[] beta,
      float[] out) {
    for (int i = 0, c = 0; i < pixels * channels; i += LANES, c = next(c, channels)) {
      FloatVector d =
          FloatVector.fromArray(SPECIES, x, start + i)
              .sub(FloatVector.fromArray(SPECIES, means, stat + c));
      d.fma(
              FloatVector.fromArray(SPECIES, scales, stat + c),
              FloatVector.fromArray(SPECIES, beta, c))
          .intoArray(out, start + i);
    }
  }

  /** {@link #normalise}, then SiLU. */
  private static void activate(
      int pixels,
      int channels,
      float[] x,
      int start,
      float[] means,
      float[] scales,
      int stat,
      float[] beta,
      float[] out) {
    for (int i = 0, c = 0; i < pixels * channels; i += LANES, c = next(c, channels)) {
      FloatVector d =
          FloatVector.fromArray(SPECIES, x, start + i)
              .sub(FloatVector.fromArray(SPECIES, means, stat + c));
      FloatVector y =
          d.fma(
              FloatVector.fromArray(SPECIES, scales, stat + c),
              FloatVector.fromArray(SPECIES, beta, c));
      y.mul(VectorMath.sigmoid(y)).intoArray(out, start + i);
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
      int stat,
      float[] gradX) {
    for (int i = 0, c = 0; i < pixels * channels; i += LANES, c = next(c, channels)) {
      FloatVector d =
          FloatVector.fromArray(SPECIES, x, start + i)
              .sub(FloatVector.fromArray(SPECIES, means, stat + c));
      FloatVector g = FloatVector.fromArray(SPECIES, gradX, start + i);
      FloatVector scaled =
          g.mul(FloatVector.fromArray(SPECIES, scales, stat + c))
              .sub(FloatVector.fromArray(SPECIES, offsets, stat + c));
      d.fma(FloatVector.fromArray(SPECIES, slopes, stat + c), scaled).intoArray(gradX, start + i);
    }
  }
}
