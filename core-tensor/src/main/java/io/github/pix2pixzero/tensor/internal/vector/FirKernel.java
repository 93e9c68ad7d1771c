package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.backend.UpfirdnSpec;
import io.github.pix2pixzero.tensor.internal.cpu.FirTaps;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import jdk.incubator.vector.FloatVector;

/**
 * Upsampling, filtering and downsampling: all taps of a pixel are summed in registers, for two
 * vectors of channels at a time, so that the output is written once.
 */
final class FirKernel {
  private static final int TASK_PRODUCTS = 65536;

  private final Workers workers;

  FirKernel(Workers workers) {
    this.workers = workers;
  }

  void upfirdn(UpfirdnSpec spec, float[] x, float[] filter, float[] out) {
    int channels = spec.channels();
    int products = spec.filterHeight() * spec.filterWidth() * channels;
    workers.range(
        spec.batch() * spec.outHeight() * spec.outWidth(),
        Math.max(1, TASK_PRODUCTS / products),
        (from, to) -> {
          FirTaps taps = new FirTaps(spec, filter);
          for (int pixel = from; pixel < to; pixel++) {
            taps.moveTo(pixel);
            pixel(channels, taps, x, out, pixel * channels);
          }
        });
  }

  private static void pixel(int channels, FirTaps taps, float[] x, float[] out, int at) {
    int c = 0;
    for (; c + 2 * LANES <= channels; c += 2 * LANES) {
      FloatVector low = FloatVector.zero(SPECIES);
      FloatVector high = FloatVector.zero(SPECIES);
      for (int i = 0; i < taps.count(); i++) {
        int start = taps.start(i) + c;
        FloatVector weight = FloatVector.broadcast(SPECIES, taps.weight(i));
        low = FloatVector.fromArray(SPECIES, x, start).fma(weight, low);
        high = FloatVector.fromArray(SPECIES, x, start + LANES).fma(weight, high);
      }
      low.intoArray(out, at + c);
      high.intoArray(out, at + c + LANES);
    }
    for (; c + LANES <= channels; c += LANES) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int i = 0; i < taps.count(); i++) {
        FloatVector weight = FloatVector.broadcast(SPECIES, taps.weight(i));
        sum = FloatVector.fromArray(SPECIES, x, taps.start(i) + c).fma(weight, sum);
      }
      sum.intoArray(out, at + c);
    }
    for (; c < channels; c++) {
      float sum = 0;
      for (int i = 0; i < taps.count(); i++) {
        sum += taps.weight(i) * x[taps.start(i) + c];
      }
      out[at + c] = sum;
    }
  }
}
