package io.github.pix2pixzero.evaluation.network;

import io.github.pix2pixzero.picture.PillowResize;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.util.List;

/** Pictures as the numbers that networks were trained on. */
public final class PixelValues {
  private PixelValues() {}

  /**
   * A picture in 8-bit RGB, as Pillow's {@code convert("RGB")} makes it: transparency is dropped,
   * and levels of grey stay as they are.
   */
  public static BufferedImage rgb(BufferedImage picture) {
    return picture.getType() == BufferedImage.TYPE_INT_RGB
        ? picture
        : PillowResize.BILINEAR.resize(picture, picture.getWidth(), picture.getHeight());
  }

  /** The levels 0…255 of red, green and blue, [height, width, 3]. */
  public static float[] levels(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    int[] pixels = rgb(picture).getRGB(0, 0, width, height, null, 0, width);
    float[] levels = new float[3 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      levels[3 * i] = pixels[i] >> 16 & 0xff;
      levels[3 * i + 1] = pixels[i] >> 8 & 0xff;
      levels[3 * i + 2] = pixels[i] & 0xff;
    }
    return levels;
  }

  /**
   * Shares from 0 to 1, as {@code /255} in single precision.
   *
   * @param keep the pixels that count, the others become 0; null for all
   */
  public static float[] shares(BufferedImage picture, boolean[] keep) {
    float[] shares = levels(picture);
    for (int i = 0; i < shares.length; i++) {
      shares[i] = keep == null || keep[i / 3] ? shares[i] / 255 : 0;
    }
    return shares;
  }

  /**
   * Normalises pictures of one size channel by channel: {@code (x - mean) / deviation}.
   *
   * @param values of each picture, [height, width, 3]
   * @return [pictures, height, width, 3]
   */
  static Tensor normalized(
      Backend backend, List<float[]> values, int height, int width, float[] mean, float[] std) {
    int length = height * width * 3;
    float[] all = new float[values.size() * length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (values.get(i / length)[i % length] - mean[i % 3]) / std[i % 3];
    }
    return Tensor.of(backend, all, values.size(), height, width, 3);
  }
}
