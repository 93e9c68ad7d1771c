package io.github.pix2pixzero.evaluation.measure;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * SSIM (Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity",
 * 2004) as torchmetrics' {@code StructuralSimilarityIndexMeasure} takes it with a range of 1: a
 * Gaussian window of 11 × 11 and σ = 1.5, reflected at the edges, K₁ = 0.01 and K₂ = 0.03, the mean
 * over places and colours. In double precision; theirs in single differs by up to 2e-4, and says
 * 0.99995 of equal pictures.
 */
public final class StructuralSimilarity extends PixelMeasure {
  private static final int RADIUS = 5;
  private static final double SIGMA = 1.5;
  private static final double C1 = 0.01 * 0.01;
  private static final double C2 = 0.03 * 0.03;
  private static final double[] WINDOW = window();

  /** Which places count. */
  public enum Border {
    /** All: torchmetrics from 1.4.2 on. */
    COUNTED("with the border"),
    /**
     * Those whose window lies within the picture: torchmetrics up to 1.4.1, and so the published
     * figures of PIE-Bench.
     */
    LEFT_OUT("without a border of 5");

    private final String words;

    Border(String words) {
      this.words = words;
    }
  }

  private final Border border;

  public StructuralSimilarity(Part part, Border border) {
    super("ssim", part);
    this.border = border;
  }

  @Override
  public Better better() {
    return Better.HIGHER;
  }

  @Override
  public String settings() {
    return border.words;
  }

  @Override
  double of(float[] a, float[] b, int width) {
    int height = a.length / 3 / width;
    checkArgument(
        Math.min(width, height) > 2 * RADIUS,
        "SSIM takes pictures of at least %s x %s pixels, not %s x %s",
        2 * RADIUS + 1,
        2 * RADIUS + 1,
        width,
        height);
    double sum = 0;
    for (int colour = 0; colour < 3; colour++) {
      sum += mean(map(channel(a, colour), channel(b, colour), width), width, height);
    }
    return sum / 3;
  }

  private double mean(double[] map, int width, int height) {
    int margin = border == Border.COUNTED ? 0 : RADIUS;
    double sum = 0;
    for (int y = margin; y < height - margin; y++) {
      for (int x = margin; x < width - margin; x++) {
        sum += map[y * width + x];
      }
    }
    return sum / ((double) (height - 2 * margin) * (width - 2 * margin));
  }

  /** The similarity at every place of one colour. */
  static double[] map(double[] a, double[] b, int width) {
    double[] meanA = blurred(a, width);
    double[] meanB = blurred(b, width);
    double[] squareA = blurred(product(a, a), width);
    double[] squareB = blurred(product(b, b), width);
    double[] both = blurred(product(a, b), width);
    double[] map = new double[a.length];
    for (int i = 0; i < map.length; i++) {
      double meanProduct = meanA[i] * meanB[i];
      double meanSquares = meanA[i] * meanA[i] + meanB[i] * meanB[i];
      double covariance = both[i] - meanProduct;
      double variances = squareA[i] + squareB[i] - meanSquares;
      map[i] =
          (2 * meanProduct + C1) * (2 * covariance + C2) / ((meanSquares + C1) * (variances + C2));
    }
    return map;
  }

  private static double[] channel(float[] values, int colour) {
    double[] channel = new double[values.length / 3];
    for (int i = 0; i < channel.length; i++) {
      channel[i] = values[3 * i + colour];
    }
    return channel;
  }

  private static double[] product(double[] a, double[] b) {
    double[] product = new double[a.length];
    for (int i = 0; i < product.length; i++) {
      product[i] = a[i] * b[i];
    }
    return product;
  }

  private static double[] blurred(double[] values, int width) {
    int height = values.length / width;
    double[] across = new double[values.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double sum = 0;
        for (int k = -RADIUS; k <= RADIUS; k++) {
          sum += WINDOW[k + RADIUS] * values[y * width + reflected(x + k, width)];
        }
        across[y * width + x] = sum;
      }
    }
    double[] blurred = new double[values.length];
    for (int y = 0; y < height; y++) {
      for (int k = -RADIUS; k <= RADIUS; k++) {
        int line = reflected(y + k, height) * width;
        double weight = WINDOW[k + RADIUS];
        for (int x = 0; x < width; x++) {
          blurred[y * width + x] += weight * across[line + x];
        }
      }
    }
    return blurred;
  }

  /** A place beyond an edge, mirrored at the outermost pixel. */
  private static int reflected(int at, int extent) {
    int inside = Math.abs(at);
    return inside < extent ? inside : 2 * (extent - 1) - inside;
  }

  private static double[] window() {
    double[] window = new double[2 * RADIUS + 1];
    double sum = 0;
    for (int k = -RADIUS; k <= RADIUS; k++) {
      window[k + RADIUS] = Math.exp(-(k / SIGMA) * (k / SIGMA) / 2);
      sum += window[k + RADIUS];
    }
    for (int i = 0; i < window.length; i++) {
      window[i] /= sum;
    }
    return window;
  }
}
