package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.IN;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.KERNEL;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.OUT;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.POSITIONS;

import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import java.util.Arrays;

/** The tiles of 4 × 4 pixels that the output of a convolution is cut into, picture by picture. */
record WinogradTiles(Conv2dSpec spec, int down, int across) {

  static WinogradTiles of(Conv2dSpec spec) {
    return new WinogradTiles(
        spec, Tasks.divideUp(spec.outHeight(), OUT), Tasks.divideUp(spec.outWidth(), OUT));
  }

  int count() {
    return spec.batch() * down * across;
  }

  /** Whether the convolution can go by such tiles, and they do not stick out too far to pay. */
  boolean fit() {
    return spec.kernel() == KERNEL
        && spec.stride() == 1
        && spec.inChannels() % LANES == 0
        && 2 * count() * OUT * OUT <= 3 * spec.outPixels();
  }

  int picture(int tile) {
    return tile / across / down;
  }

  /** The first line of the output in a tile. */
  int top(int tile) {
    return tile / across % down * OUT;
  }

  /** The first column of the output in a tile. */
  int left(int tile) {
    return tile % across * OUT;
  }

  /**
   * Writes BᵀdB of the tiles {@code first} to {@code first + count} into [position, tile, input
   * channels], positions {@code stride} apart.
   *
   * @param x the input, without a border
   */
  void transformInput(Workers workers, float[] x, int first, int count, float[] input, int stride) {
    int channels = spec.inChannels();
    workers.range(
        count,
        Tasks.grain((long) POSITIONS * channels * IN),
        (from, to) -> {
          float[] half = Scratch.get().floats(0, POSITIONS * channels);
          for (int tile = from; tile < to; tile++) {
            inputHalf(first + tile, x, half);
            for (int i = 0; i < IN; i++) {
              WinogradTransforms.inputSide(
                  channels,
                  half,
                  i * IN * channels,
                  channels,
                  input,
                  i * IN * stride + tile * channels,
                  stride);
            }
          }
        });
  }

  private void inputHalf(int tile, float[] x, float[] half) {
    int channels = spec.inChannels();
    int line = IN * channels;
    int top = top(tile) - spec.padTop();
    int left = left(tile) - spec.padLeft();
    Window window = window(IN, picture(tile), top, left, x, spec.height(), spec.width(), channels);
    WinogradTransforms.inputSide(line, window.array, window.from, window.stride, half, 0, line);
  }

  /**
   * Writes A times the gradient of a tile of the output, [6 lines, 4 pixels, output channels], of
   * which pixels beyond the picture's border count as zero.
   */
  void outputGradientHalf(int tile, float[] gradOut, float[] half) {
    int channels = spec.outChannels();
    int line = OUT * channels;
    Window window =
        window(
            OUT,
            picture(tile),
            top(tile),
            left(tile),
            gradOut,
            spec.outHeight(),
            spec.outWidth(),
            channels);
    WinogradTransforms.outputGradientSide(
        line, window.array, window.from, window.stride, half, 0, line);
  }

  /** A square of pixels, the lines of which are {@code stride} apart. */
  private record Window(float[] array, int from, int stride) {}

  /**
   * A window of a picture: where it lies, or, if it reaches over the border, a copy with zeros
   * there, in slot 1 of {@link Scratch}.
   */
  private static Window window(
      int size,
      int picture,
      int top,
      int left,
      float[] pictures,
      int height,
      int width,
      int channels) {
    if (top >= 0 && left >= 0 && top + size <= height && left + size <= width) {
      int from = ((picture * height + top) * width + left) * channels;
      return new Window(pictures, from, width * channels);
    }
    float[] copy = Scratch.get().floats(1, size * size * channels);
    Arrays.fill(copy, 0, size * size * channels, 0f);
    int before = Math.max(0, -left);
    int count = Math.min(size, width - left) - before;
    for (int i = Math.max(0, -top); i < Math.min(size, height - top) && count > 0; i++) {
      int row = (picture * height + top + i) * width;
      System.arraycopy(
          pictures,
          (row + left + before) * channels,
          copy,
          (i * size + before) * channels,
          count * channels);
    }
    return new Window(copy, 0, size * channels);
  }
}
