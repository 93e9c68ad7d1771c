package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A picture before and after an edit, decoded. The arrays belong to the pair: they are not copied,
 * and not to be changed.
 */
public final class Pair {
  static final int COLOURS = 3;

  private final String id;
  private final int height;
  private final int width;
  private final float[] source;
  private final float[] target;
  private final float[] mask;

  /**
   * @param id what it is called in messages, and by which it is kept from training or not
   * @param source [height, width, 3] in [-1, 1]
   * @param target the edited picture, of the same shape
   * @param mask where the edit is, [height, width] in [0, 1]
   * @throws IllegalArgumentException if an array has another length
   */
  public Pair(String id, int height, int width, float[] source, float[] target, float[] mask) {
    int pixels = height * width;
    checkArgument(
        pixels > 0
            && source.length == COLOURS * pixels
            && target.length == COLOURS * pixels
            && mask.length == pixels,
        "pair %s: arrays of %s, %s and %s numbers are no pictures and mask of %s × %s pixels",
        id,
        source.length,
        target.length,
        mask.length,
        height,
        width);
    this.id = id;
    this.height = height;
    this.width = width;
    this.source = source;
    this.target = target;
    this.mask = mask;
  }

  /**
   * A pair without a mask of its own: that of where it differs, by more than {@code threshold}
   * summed over the colours, in a pixel or one of its neighbours.
   *
   * @param threshold 12 / 255 of 0 to 1 for exact pairs, as rendered ones; diffusion changes all
   *     pixels a little, so its pairs need their edit's mask
   */
  public static Pair differing(
      String id, int height, int width, float[] source, float[] target, double threshold) {
    boolean[] differs = new boolean[height * width];
    for (int i = 0; i < differs.length; i++) {
      double difference = 0;
      for (int c = 0; c < COLOURS; c++) {
        difference += Math.abs(source[COLOURS * i + c] - target[COLOURS * i + c]) / 2.0;
      }
      differs[i] = difference > threshold;
    }
    float[] mask = new float[differs.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
          for (int nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
            if (differs[ny * width + nx]) {
              mask[y * width + x] = 1;
            }
          }
        }
      }
    }
    return new Pair(id, height, width, source, target, mask);
  }

  public String id() {
    return id;
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }

  /** [height, width, 3] in [-1, 1]. */
  public float[] source() {
    return source;
  }

  /** [height, width, 3] in [-1, 1]. */
  public float[] target() {
    return target;
  }

  /** [height, width] in [0, 1]. */
  public float[] mask() {
    return mask;
  }
}
