package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import java.util.Arrays;

/**
 * Convolutions without a rearranged copy of the picture: for one tap of the kernel, a row of the
 * output is the matrix product of the pixels that the tap sees and the tap's weight [inChannels,
 * outChannels].
 */
final class ConvKernels {
  /**
   * Pixels of the output per task, so that a tap's weight is used often once it is in the cache.
   */
  private static final int TASK_PIXELS = 64;

  /** Rows of a tap's weight gradient per task. */
  private static final int TASK_CHANNELS = 32;

  private final HostBackend backend;

  ConvKernels(HostBackend backend) {
    this.backend = backend;
  }

  void forward(Conv2dSpec spec, float[] x, Elements weight, float[] bias, float[] out) {
    int rows = spec.batch() * spec.outHeight();
    int width = spec.outWidth();
    int channels = spec.outChannels();
    backend
        .workers()
        .range(
            rows,
            grain(width),
            (from, to) -> {
              for (int pixel = from * width; pixel < to * width; pixel++) {
                int start = pixel * channels;
                if (bias == null) {
                  Arrays.fill(out, start, start + channels, 0f);
                } else {
                  System.arraycopy(bias, 0, out, start, channels);
                }
              }
              for (int tap = 0; tap < spec.kernel() * spec.kernel(); tap++) {
                for (int row = from; row < to; row++) {
                  addTap(spec, tap, row, x, weight, out);
                }
              }
            });
  }

  private static void addTap(
      Conv2dSpec spec, int tap, int row, float[] x, Elements weight, float[] out) {
    int y = spec.stride() * (row % spec.outHeight()) + tap / spec.kernel() - spec.padTop();
    int first = firstColumn(spec, tap % spec.kernel());
    int columns = endColumn(spec, tap % spec.kernel()) - first;
    if (y < 0 || y >= spec.height() || columns <= 0) {
      return;
    }
    int ci = spec.inChannels();
    int co = spec.outChannels();
    Gemm.accumulate(
        columns,
        co,
        ci,
        1f,
        x,
        pixelSeen(spec, tap, row, y, first) * ci,
        spec.stride() * ci,
        1,
        weight,
        tap * ci * co,
        co,
        out,
        (row * spec.outWidth() + first) * co,
        co);
  }

  void inputGradient(Conv2dSpec spec, float[] gradOut, Elements weight, float[] gradX) {
    int taps = spec.kernel() * spec.kernel();
    int ci = spec.inChannels();
    int co = spec.outChannels();
    HostStorage turned = backend.allocate(taps * ci * co);
    float[] turnedWeight = turned.array();
    backend
        .workers()
        .run(
            taps,
            tap ->
                Gemm.transpose(ci, co, weight, tap * ci * co, co, turnedWeight, tap * ci * co, ci));
    backend
        .workers()
        .range(
            spec.batch() * spec.height(),
            grain(spec.width()),
            (from, to) -> {
              Arrays.fill(gradX, from * spec.width() * ci, to * spec.width() * ci, 0f);
              for (int tap = 0; tap < taps; tap++) {
                for (int row = from; row < to; row++) {
                  addTapGradient(spec, tap, row, gradOut, turnedWeight, gradX);
                }
              }
            });
    turned.release();
  }

  /** Adds to input row {@code row} what flows back through one tap. */
  private static void addTapGradient(
      Conv2dSpec spec, int tap, int row, float[] gradOut, float[] turnedWeight, float[] gradX) {
    int y = row % spec.height();
    int scaled = y + spec.padTop() - tap / spec.kernel();
    int outY = Math.floorDiv(scaled, spec.stride());
    int first = firstColumn(spec, tap % spec.kernel());
    int columns = endColumn(spec, tap % spec.kernel()) - first;
    if (outY * spec.stride() != scaled || outY < 0 || outY >= spec.outHeight() || columns <= 0) {
      return;
    }
    int ci = spec.inChannels();
    int co = spec.outChannels();
    int outRow = row / spec.height() * spec.outHeight() + outY;
    Gemm.accumulate(
        columns,
        ci,
        co,
        1f,
        gradOut,
        (outRow * spec.outWidth() + first) * co,
        co,
        1,
        Elements.of(turnedWeight),
        tap * ci * co,
        ci,
        gradX,
        pixelSeen(spec, tap, outRow, y, first) * ci,
        spec.stride() * ci);
  }

  void weightGradient(Conv2dSpec spec, float[] x, float[] gradOut, float[] gradWeight) {
    int parts = MatmulKernels.divideUp(spec.inChannels(), TASK_CHANNELS);
    backend
        .workers()
        .run(
            spec.kernel() * spec.kernel() * parts,
            task -> {
              int channel = task % parts * TASK_CHANNELS;
              int channels = Math.min(TASK_CHANNELS, spec.inChannels() - channel);
              correlate(spec, task / parts, channel, channels, x, gradOut, gradWeight);
            });
  }

  /** The gradient of some rows of one tap's weight. */
  private static void correlate(
      Conv2dSpec spec,
      int tap,
      int channel,
      int channels,
      float[] x,
      float[] gradOut,
      float[] gradWeight) {
    int ci = spec.inChannels();
    int co = spec.outChannels();
    int start = (tap * ci + channel) * co;
    Arrays.fill(gradWeight, start, start + channels * co, 0f);
    int first = firstColumn(spec, tap % spec.kernel());
    int columns = endColumn(spec, tap % spec.kernel()) - first;
    for (int row = 0; row < spec.batch() * spec.outHeight() && columns > 0; row++) {
      int y = spec.stride() * (row % spec.outHeight()) + tap / spec.kernel() - spec.padTop();
      if (y >= 0 && y < spec.height()) {
        Gemm.accumulate(
            channels,
            co,
            columns,
            1f,
            x,
            pixelSeen(spec, tap, row, y, first) * ci + channel,
            1,
            spec.stride() * ci,
            Elements.of(gradOut),
            (row * spec.outWidth() + first) * co,
            co,
            gradWeight,
            start,
            co);
      }
    }
  }

  /** The input pixel that a tap sees from column {@code column} of output row {@code row}. */
  private static int pixelSeen(Conv2dSpec spec, int tap, int row, int y, int column) {
    int picture = row / spec.outHeight();
    int x = spec.stride() * column + tap % spec.kernel() - spec.padLeft();
    return (picture * spec.height() + y) * spec.width() + x;
  }

  /**
   * The first output column from which a tap at {@code tapX} sees the picture instead of padding.
   */
  private static int firstColumn(Conv2dSpec spec, int tapX) {
    return Math.max(0, MatmulKernels.divideUp(spec.padLeft() - tapX, spec.stride()));
  }

  /** One past the last output column from which a tap at {@code tapX} sees the picture. */
  private static int endColumn(Conv2dSpec spec, int tapX) {
    int last = Math.floorDiv(spec.width() - 1 + spec.padLeft() - tapX, spec.stride());
    return Math.min(spec.outWidth(), last + 1);
  }

  private static int grain(int width) {
    return Math.max(1, TASK_PIXELS / width);
  }
}
