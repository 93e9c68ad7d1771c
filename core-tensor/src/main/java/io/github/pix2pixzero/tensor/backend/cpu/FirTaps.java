package io.github.pix2pixzero.tensor.backend.cpu;

import io.github.pix2pixzero.tensor.backend.UpfirdnSpec;

/**
 * The taps of a filter that meet a pixel of the picture, instead of a zero set in between or a
 * border, from one pixel of the output. Made once a task, then moved from pixel to pixel.
 */
public final class FirTaps {
  private final UpfirdnSpec spec;
  private final float[] filter;
  private final int[] starts;
  private final float[] weights;
  private int count;

  /**
   * @param filter [filterHeight, filterWidth]
   */
  public FirTaps(UpfirdnSpec spec, float[] filter) {
    this.spec = spec;
    this.filter = filter;
    this.starts = new int[spec.filterHeight() * spec.filterWidth()];
    this.weights = new float[starts.length];
  }

  /** Finds the taps that count for an output pixel, given by its index in all pictures. */
  public void moveTo(int pixel) {
    int outX = pixel % spec.outWidth();
    int outY = pixel / spec.outWidth() % spec.outHeight();
    int picture = pixel / spec.outWidth() / spec.outHeight();
    int top = outY * spec.down() - spec.padTop();
    int left = outX * spec.down() - spec.padLeft();
    count = 0;
    for (int tapY = Math.floorMod(-top, spec.up()); tapY < spec.filterHeight(); tapY += spec.up()) {
      int y = Math.floorDiv(top + tapY, spec.up());
      if (y < 0 || y >= spec.height()) {
        continue;
      }
      for (int tapX = Math.floorMod(-left, spec.up());
          tapX < spec.filterWidth();
          tapX += spec.up()) {
        int x = Math.floorDiv(left + tapX, spec.up());
        if (x >= 0 && x < spec.width()) {
          int tap = tapY * spec.filterWidth() + tapX;
          weights[count] = filter[spec.flipped() ? starts.length - 1 - tap : tap];
          starts[count++] = ((picture * spec.height() + y) * spec.width() + x) * spec.channels();
        }
      }
    }
  }

  /** How many taps meet a pixel. */
  public int count() {
    return count;
  }

  /** Where the channels of the pixel begin that tap {@code i} meets. */
  public int start(int i) {
    return starts[i];
  }

  /** The weight of tap {@code i}. */
  public float weight(int i) {
    return weights[i];
  }
}
