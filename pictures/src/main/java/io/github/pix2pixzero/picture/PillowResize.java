package io.github.pix2pixzero.picture;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;

/**
 * Pillow's {@code Image.resize} bit for bit, by filter: what networks that look at pictures were
 * trained on. A filter widens by the scale when it shrinks; its weights are rounded to 22 bits, and
 * each of the two passes, columns first, to 8 (libImaging's {@code Resample.c}, Pillow 12.3).
 */
public enum PillowResize {
  /** A triangle over one pixel to each side. */
  BILINEAR(1) {
    @Override
    double weight(double x) {
      return Math.max(0, 1 - Math.abs(x));
    }
  },

  /** Keys' cubic with a = -0.5 over two pixels to each side. */
  BICUBIC(2) {
    private static final double A = -0.5;

    @Override
    double weight(double distance) {
      double x = Math.abs(distance);
      if (x < 1) {
        return ((A + 2) * x - (A + 3)) * x * x + 1;
      }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
  },

  /** A sinc windowed by a sinc over three pixels to each side. */
  LANCZOS(3) {
    @Override
    double weight(double x) {
      return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    }

    private double sinc(double x) {
      double angle = Math.PI * x;
      return x == 0 ? 1 : StrictMath.sin(angle) / angle;
    }
  };

  private static final int PRECISION_BITS = 22;

  private final double support;

  PillowResize(double support) {
    this.support = support;
  }

  /** The filter's height at a distance in pixels of the coarser picture. */
  abstract double weight(double x);

  /**
   * Resizes a picture whose colours are read as {@code convert("RGB")} does: transparency is
   * dropped, not blended, and levels of grey stay as they are.
   *
   * @return the picture in 8-bit RGB; always a new one
   * @throws IllegalArgumentException if a side is to have no pixels
   */
  public BufferedImage resize(BufferedImage picture, int width, int height) {
    checkArgument(
        width > 0 && height > 0,
        "a picture cannot be made %s x %s, expected at least one pixel a side",
        width,
        height);
    int fromWidth = picture.getWidth();
    int fromHeight = picture.getHeight();
    int[] pixels =
        RgbPictures.withoutAlpha(picture).getRGB(0, 0, fromWidth, fromHeight, null, 0, fromWidth);
    if (width != fromWidth) {
      int[] narrowed = new int[width * fromHeight];
      Taps taps = taps(fromWidth, width);
      for (int y = 0; y < fromHeight; y++) {
        taps.apply(pixels, y * fromWidth, narrowed, y * width, 1, 1);
      }
      pixels = narrowed;
    }
    if (height != fromHeight) {
      int[] lowered = new int[width * height];
      Taps taps = taps(fromHeight, height);
      for (int x = 0; x < width; x++) {
        taps.apply(pixels, x, lowered, x, width, width);
      }
      pixels = lowered;
    }
    BufferedImage resized = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    resized.setRGB(0, 0, width, height, pixels, 0, width);
    return resized;
  }

  private Taps taps(int from, int to) {
    double scale = (double) from / to;
    double widening = Math.max(1, scale);
    double reach = support * widening;
    int[] first = new int[to];
    int[][] weights = new int[to][];
    for (int i = 0; i < to; i++) {
      double center = (i + 0.5) * scale;
      first[i] = Math.max(0, (int) (center - reach + 0.5));
      int end = Math.min(from, (int) (center + reach + 0.5));
      double[] exact = new double[end - first[i]];
      double sum = 0;
      for (int k = 0; k < exact.length; k++) {
        exact[k] = weight((k + first[i] - center + 0.5) * (1 / widening));
        sum += exact[k];
      }
      weights[i] = new int[exact.length];
      for (int k = 0; k < exact.length; k++) {
        double scaled = exact[k] / sum * (1 << PRECISION_BITS);
        weights[i][k] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
      }
    }
    return new Taps(first, weights);
  }

  /** What each pixel of a new row or column is summed of: where it begins, and the weights. */
  private record Taps(int[] first, int[][] weights) {

    void apply(int[] from, int fromStart, int[] to, int toStart, int fromStep, int toStep) {
      for (int i = 0; i < first.length; i++) {
        int red = 1 << PRECISION_BITS - 1;
        int green = red;
        int blue = red;
        int at = fromStart + first[i] * fromStep;
        for (int weight : weights[i]) {
          int pixel = from[at];
          red += weight * (pixel >> 16 & 0xff);
          green += weight * (pixel >> 8 & 0xff);
          blue += weight * (pixel & 0xff);
          at += fromStep;
        }
        to[toStart + i * toStep] = level(red) << 16 | level(green) << 8 | level(blue);
      }
    }

    private static int level(int sum) {
      return Math.max(0, Math.min(255, sum >> PRECISION_BITS));
    }
  }
}
