package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.picture.PictureTensors;
import java.awt.image.BufferedImage;

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
   * A pair of pictures.
   *
   * @param mask white where the edit is, to black where it is not
   * @throws IllegalArgumentException if they differ in size
   */
  public static Pair of(String id, BufferedImage source, BufferedImage target, BufferedImage mask) {
    int width = source.getWidth();
    int height = source.getHeight();
    for (BufferedImage other : new BufferedImage[] {target, mask}) {
      checkArgument(
          other.getWidth() == width && other.getHeight() == height,
          "a pair's pictures are of one size, got %s × %s and %s × %s",
          width,
          height,
          other.getWidth(),
          other.getHeight());
    }
    return new Pair(id, height, width, colours(source), colours(target), shares(mask));
  }

  /** Red, green and blue from -1 to 1, [height, width, 3]. */
  static float[] colours(BufferedImage picture) {
    int[] levels = levels(picture);
    float[] colours = new float[COLOURS * levels.length];
    for (int i = 0; i < levels.length; i++) {
      for (int c = 0; c < COLOURS; c++) {
        colours[COLOURS * i + c] = (levels[i] >> 8 * (COLOURS - 1 - c) & 0xff) / 127.5f - 1;
      }
    }
    return colours;
  }

  /** A picture of this pair's size of colours as {@link #source} has them, clipped. */
  BufferedImage picture(float[] colours) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      int rgb = 0;
      for (int c = COLOURS * i; c < COLOURS * (i + 1); c++) {
        rgb = rgb << 8 | Math.round(Math.max(0, Math.min(1, colours[c] / 2 + 0.5f)) * 255);
      }
      picture.setRGB(i % width, i / width, rgb);
    }
    return picture;
  }

  private static float[] shares(BufferedImage mask) {
    int[] levels = levels(mask);
    float[] shares = new float[levels.length];
    for (int i = 0; i < levels.length; i++) {
      shares[i] = (levels[i] & 0xff) / 255f;
    }
    return shares;
  }

  private static int[] levels(BufferedImage picture) {
    int width = picture.getWidth();
    return PictureTensors.toRgb(picture).getRGB(0, 0, width, picture.getHeight(), null, 0, width);
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
