package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.UpfirdnSpec;

/**
 * The taps of a filter that meet a pixel of the picture, instead of a zero set in between or a
 * border, from one pixel of the output. Made once a task, then moved from pixel to pixel.
 */
final class FirTaps {
  private final UpfirdnSpec spec;
  private final float[] filter;
  private final int[] starts;
  private final float[] weights;
  private int count;

  /**
   * @param filter [filterHeight, filterWidth]
   */
  FirTaps(UpfirdnSpec spec, float[] filter) {
    this.spec = spec;
    this.filter = filter;
    this.starts = new int[spec.filterHeight() * spec.filterWidth()];
    this.weights = new float[starts.length];
  }

  /** Finds the taps that count for an output pixel, given by its index in all pictures. */
  void moveTo(int pixel) {
    int outX = pixel % spec.outWidth();
    int outY = pixel / spec.outWidth() % spec.outHeight();
    int picture = pixel / spec.outWidth() / spec.outHeight();
    int top = outY * spec.down() - spec.padTop();
    int left = outX * spec.down() - spec.padLeft();
    int firstY = Math.floorMod(-top, spec.up());
    int firstX = Math.floorMod(-left, spec.up());
    int y = (top + firstY) / spec.up();
    int x = (left + firstX) / spec.up();
    count = 0;
    for (int tapY = firstY; tapY < spec.filterHeight(); tapY += spec.up(), y++) {
      if (y >= 0 && y < spec.height()) {
        addLine(tapY * spec.filterWidth(), firstX, x, picture * spec.height() + y);
      }
    }
  }

  /**
   * Adds the taps of one line of the filter, of which the first to count meets column {@code x}.
   */
  private void addLine(int line, int firstX, int x, int row) {
    for (int tapX = firstX; tapX < spec.filterWidth(); tapX += spec.up(), x++) {
      if (x >= 0 && x < spec.width()) {
        int tap = line + tapX;
        weights[count] = filter[spec.flipped() ? starts.length - 1 - tap : tap];
        starts[count++] = (row * spec.width() + x) * spec.channels();
      }
    }
  }

  /** How many taps meet a pixel. */
  int count() {
    return count;
  }

  /** Where the channels of the pixel begin that tap {@code i} meets. */
  int start(int i) {
    return starts[i];
  }

  /** The weight of tap {@code i}. */
  float weight(int i) {
    return weights[i];
  }
}
