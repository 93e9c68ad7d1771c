package io.github.pix2pixzero.picture;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;

/** Pictures as tensors [1, 3, height, width] of red, green and blue from -1 to 1. */
public final class PictureTensors {
  private PictureTensors() {}

  /**
   * The same picture in 8-bit RGB, or itself if it is; what is transparent lies on white, levels of
   * grey stay as they are.
   */
  public static BufferedImage toRgb(BufferedImage picture) {
    return RgbPictures.toRgb(picture);
  }

  /** A picture of any kind; what is transparent lies on white. */
  public static Tensor toTensor(BufferedImage picture, Backend backend) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    int[] rgb = RgbPictures.toRgb(picture).getRGB(0, 0, width, height, null, 0, width);
    int pixels = rgb.length;
    float[] values = new float[3 * pixels];
    for (int i = 0; i < pixels; i++) {
      values[i] = (rgb[i] >> 16 & 0xff) / 127.5f - 1;
      values[pixels + i] = (rgb[i] >> 8 & 0xff) / 127.5f - 1;
      values[2 * pixels + i] = (rgb[i] & 0xff) / 127.5f - 1;
    }
    return Tensor.of(backend, values, 1, 3, height, width);
  }

  /**
   * A mask as weights from 0, black, to 1, white, each the mean of a square of pixels.
   *
   * @param factor pixels along the side of a square
   * @return [1, 1, height / factor, width / factor]
   */
  public static Tensor toMask(BufferedImage picture, int factor, Backend backend) {
    int width = picture.getWidth() / factor;
    int height = picture.getHeight() / factor;
    BufferedImage rgb = RgbPictures.toRgb(picture);
    float[] weights = new float[height * width];
    for (int i = 0; i < weights.length; i++) {
      int sum = 0;
      for (int pixel = 0; pixel < factor * factor; pixel++) {
        int level =
            rgb.getRGB(i % width * factor + pixel % factor, i / width * factor + pixel / factor);
        sum += (level >> 16 & 0xff) + (level >> 8 & 0xff) + (level & 0xff);
      }
      weights[i] = sum / (3f * 255 * factor * factor);
    }
    return Tensor.of(backend, weights, 1, 1, height, width);
  }

  /**
   * The first picture of a batch, 8-bit RGB; values beyond the ends of the range count as the ends.
   */
  public static BufferedImage toPicture(Tensor tensor) {
    int height = tensor.dim(2);
    int width = tensor.dim(3);
    int pixels = height * width;
    float[] values = tensor.slice(0, 0, 1).toFloats();
    int[] rgb = new int[pixels];
    for (int i = 0; i < pixels; i++) {
      rgb[i] =
          level(values[i]) << 16 | level(values[pixels + i]) << 8 | level(values[2 * pixels + i]);
    }
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, width, height, rgb, 0, width);
    return picture;
  }

  private static int level(float value) {
    return Math.round(Math.max(0f, Math.min(1f, value / 2 + 0.5f)) * 255);
  }
}
