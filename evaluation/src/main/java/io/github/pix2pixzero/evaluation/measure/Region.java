package io.github.pix2pixzero.evaluation.measure;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.evaluation.network.PixelValues;
import java.awt.image.BufferedImage;

/** The part of a picture that is to be edited, pixel by pixel. Immutable. */
public final class Region {
  private static final int WHITE = 128;

  private final int width;
  private final int height;
  private final boolean[] edited;
  private final int count;

  /**
   * @param edited row by row; copied
   */
  public Region(int width, int height, boolean[] edited) {
    checkArgument(
        edited.length == width * height,
        "a region of %s pixels does not fill %s x %s",
        edited.length,
        width,
        height);
    this.width = width;
    this.height = height;
    this.edited = edited.clone();
    int pixels = 0;
    for (boolean pixel : edited) {
      pixels += pixel ? 1 : 0;
    }
    count = pixels;
  }

  /** A mask as a picture: white is edited, black is not, and between them the nearer counts. */
  public static Region of(BufferedImage mask) {
    float[] levels = PixelValues.levels(mask);
    boolean[] edited = new boolean[levels.length / 3];
    for (int i = 0; i < edited.length; i++) {
      edited[i] = levels[3 * i] >= WHITE;
    }
    return new Region(mask.getWidth(), mask.getHeight(), edited);
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /** How many pixels are edited. */
  public int count() {
    return count;
  }

  /** The pixels that are edited, row by row. A fresh array. */
  public boolean[] inside() {
    return edited.clone();
  }

  /** The pixels that are not. A fresh array. */
  public boolean[] outside() {
    boolean[] outside = new boolean[edited.length];
    for (int i = 0; i < outside.length; i++) {
      outside[i] = !edited[i];
    }
    return outside;
  }
}
