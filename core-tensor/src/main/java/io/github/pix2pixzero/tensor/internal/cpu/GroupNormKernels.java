package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.GroupNormSpec;

/**
 * Group normalisation of channels-last data (Wu and He, 2018). Runs of pixels are reduced to sums
 * per channel, in double precision and with all channels abreast; the groups are put together from
 * these.
 */
final class GroupNormKernels {
  private static final int TASK_ELEMENTS = 32768;

  private final Workers workers;

  GroupNormKernels(Workers workers) {
    this.workers = workers;
  }

  /** A run of pixels of one picture. */
  private interface Run {
    void run(int task, int batch, int fromPixel, int toPixel);
  }

  private static int runPixels(GroupNormSpec spec) {
    return Math.max(1, TASK_ELEMENTS / spec.channels());
  }

  private static int runs(GroupNormSpec spec) {
    return MatmulKernels.divideUp(spec.pixels(), runPixels(spec));
  }

  private void forEachRun(GroupNormSpec spec, Run body) {
    int runs = runs(spec);
    int grain = runPixels(spec);
    workers.run(
        spec.batch() * runs,
        task -> {
          int from = task % runs * grain;
          body.run(task, task / runs, from, Math.min(spec.pixels(), from + grain));
        });
  }

  void forward(
      GroupNormSpec spec, float[] x, float[] gamma, float[] beta, float[] out, float[] stats) {
    int channels = spec.channels();
    double[] sums = new double[spec.batch() * runs(spec) * 2 * channels];
    forEachRun(
        spec,
        (task, batch, from, to) -> {
          int at = task * 2 * channels;
          for (int pixel = from; pixel < to; pixel++) {
            int start = (batch * spec.pixels() + pixel) * channels;
            for (int c = 0; c < channels; c++) {
              double value = x[start + c];
              sums[at + c] += value;
              sums[at + channels + c] += value * value;
            }
          }
        });
    double[] perChannel = addRuns(spec, sums);
    writeStats(spec, perChannel, stats);
    forEachRun(
        spec,
        (task, batch, from, to) -> {
          float[] mean = channelStats(spec, stats, batch, 0);
          float[] scale = channelStats(spec, stats, batch, 1);
          for (int c = 0; c < channels; c++) {
            scale[c] *= gamma[c];
          }
          for (int pixel = from; pixel < to; pixel++) {
            int start = (batch * spec.pixels() + pixel) * channels;
            for (int c = 0; c < channels; c++) {
              out[start + c] = (x[start + c] - mean[c]) * scale[c] + beta[c];
            }
            if (spec.silu()) {
              for (int i = start; i < start + channels; i++) {
                out[i] = (float) Functions.silu(out[i]);
              }
            }
          }
        });
  }

  /** Mean and 1 / √(variance + ε) of each group, from sums and sums of squares. */
  private static void writeStats(GroupNormSpec spec, double[] perChannel, float[] stats) {
    int channels = spec.channels();
    double count = (double) spec.pixels() * spec.groupChannels();
    for (int group = 0; group < spec.batch() * spec.groups(); group++) {
      int at = group / spec.groups() * 2 * channels + group % spec.groups() * spec.groupChannels();
      double sum = 0;
      double squares = 0;
      for (int c = at; c < at + spec.groupChannels(); c++) {
        sum += perChannel[c];
        squares += perChannel[channels + c];
      }
      double mean = sum / count;
      double variance = Math.max(0, squares / count - mean * mean);
      stats[2 * group] = (float) mean;
      stats[2 * group + 1] = (float) (1 / Math.sqrt(variance + spec.epsilon()));
    }
  }

  /**
   * With x̂ the normalised input, g the gradient before SiLU times gamma and r = 1 / √(variance +
   * ε): {@code gradX = r · (g - mean(g) - x̂ · mean(g · x̂))}, the means over the group.
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
    double[] sums = new double[spec.batch() * runs(spec) * 2 * channels];
    forEachRun(
        spec,
        (task, batch, from, to) -> {
          float[] mean = channelStats(spec, stats, batch, 0);
          float[] inverse = channelStats(spec, stats, batch, 1);
          int at = task * 2 * channels;
          for (int pixel = from; pixel < to; pixel++) {
            int start = (batch * spec.pixels() + pixel) * channels;
            for (int c = 0; c < channels; c++) {
              float normal = (x[start + c] - mean[c]) * inverse[c];
              float g = gradOut[start + c];
              if (spec.silu()) {
                g *= (float) Functions.siluSlope(normal * gamma[c] + beta[c]);
              }
              gradX[start + c] = g; // completed below
              sums[at + c] += g;
              sums[at + channels + c] += (double) g * normal;
            }
          }
        });
    double[] perChannel = addRuns(spec, sums);
    float[] groupMeans = gradientMeans(spec, perChannel, gamma);
    forEachRun(
        spec,
        (task, batch, from, to) -> {
          float[] mean = channelStats(spec, stats, batch, 0);
          float[] inverse = channelStats(spec, stats, batch, 1);
          float[] meanG = channelStats(spec, groupMeans, batch, 0);
          float[] meanProduct = channelStats(spec, groupMeans, batch, 1);
          for (int pixel = from; pixel < to; pixel++) {
            int start = (batch * spec.pixels() + pixel) * channels;
            for (int c = 0; c < channels; c++) {
              float normal = (x[start + c] - mean[c]) * inverse[c];
              gradX[start + c] =
                  inverse[c] * (gradX[start + c] * gamma[c] - meanG[c] - normal * meanProduct[c]);
            }
          }
        });
    if (gradGamma != null) {
      for (int c = 0; c < channels; c++) {
        double b = 0;
        double g = 0;
        for (int batch = 0; batch < spec.batch(); batch++) {
          b += perChannel[batch * 2 * channels + c];
          g += perChannel[batch * 2 * channels + channels + c];
        }
        gradBeta[c] = (float) b;
        gradGamma[c] = (float) g;
      }
    }
  }

  /** The means of g and of g · x̂ over each group, laid out like the statistics. */
  private static float[] gradientMeans(GroupNormSpec spec, double[] perChannel, float[] gamma) {
    int channels = spec.channels();
    double count = (double) spec.pixels() * spec.groupChannels();
    float[] means = new float[spec.batch() * spec.groups() * 2];
    for (int group = 0; group < means.length / 2; group++) {
      int first = group % spec.groups() * spec.groupChannels();
      int at = group / spec.groups() * 2 * channels;
      double sum = 0;
      double product = 0;
      for (int c = first; c < first + spec.groupChannels(); c++) {
        sum += gamma[c] * perChannel[at + c];
        product += gamma[c] * perChannel[at + channels + c];
      }
      means[2 * group] = (float) (sum / count);
      means[2 * group + 1] = (float) (product / count);
    }
    return means;
  }

  /** Two sums per channel of each picture, from those of its runs. */
  private static double[] addRuns(GroupNormSpec spec, double[] sums) {
    int width = 2 * spec.channels();
    int runs = runs(spec);
    double[] total = new double[spec.batch() * width];
    for (int task = 0; task < spec.batch() * runs; task++) {
      int at = task / runs * width;
      for (int i = 0; i < width; i++) {
        total[at + i] += sums[task * width + i];
      }
    }
    return total;
  }

  /** One of the two numbers kept for a group, for each of its channels. */
  private static float[] channelStats(GroupNormSpec spec, float[] stats, int batch, int which) {
    float[] perChannel = new float[spec.channels()];
    for (int c = 0; c < perChannel.length; c++) {
      int group = batch * spec.groups() + c / spec.groupChannels();
      perChannel[c] = stats[2 * group + which];
    }
    return perChannel;
  }
}
