package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.UpfirdnSpec;
import java.util.Arrays;

/** Upsampling, filtering and downsampling, one tap after the other over all channels of a pixel. */
final class FirKernel {
  private static final int TASK_PRODUCTS = 65536;

  private final Workers workers;

  FirKernel(Workers workers) {
    this.workers = workers;
  }

  void upfirdn(UpfirdnSpec spec, float[] x, float[] filter, float[] out) {
    int channels = spec.channels();
    workers.range(
        spec.batch() * spec.outHeight() * spec.outWidth(),
        Math.max(1, TASK_PRODUCTS / (filter(spec) * channels)),
        (from, to) -> {
          FirTaps taps = new FirTaps(spec, filter);
          for (int pixel = from; pixel < to; pixel++) {
            taps.moveTo(pixel);
            int at = pixel * channels;
            Arrays.fill(out, at, at + channels, 0f);
            for (int i = 0; i < taps.count(); i++) {
              add(channels, taps.weight(i), x, taps.start(i), out, at);
            }
          }
        });
  }

  private static int filter(UpfirdnSpec spec) {
    return spec.filterHeight() * spec.filterWidth();
  }

  private static void add(int channels, float weight, float[] x, int start, float[] out, int at) {
    for (int c = 0; c < channels; c++) {
      out[at + c] += weight * x[start + c];
    }
  }
}
