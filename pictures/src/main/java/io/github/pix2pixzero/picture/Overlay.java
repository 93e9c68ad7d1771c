package io.github.pix2pixzero.picture;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import java.awt.image.BufferedImage;

/**
 * An edited picture laid over the one it was made from, so that what was not edited is the picture
 * itself and not what an autoencoder makes of it: what lies outside a mask, and inside where the
 * two {@linkplain ChangedPlaces hardly differ}.
 */
public final class Overlay {
  /** How steeply the edited picture sets in at the mask's edge: in half a pixel of the latent. */
  private static final float SLOPE = 2;

  private Overlay() {}

  /**
   * The edited picture where a mask is 1, or half of that and more, and it differs; the picture
   * where the mask is 0, or next to nothing has changed; between them smooth transitions.
   *
   * @param picture before the edit
   * @param edited of the same size
   * @param inside [1, 1, height, width] from 0 to 1, of any size; it is interpolated
   * @throws IllegalArgumentException if the pictures are of different sizes
   */
  public static BufferedImage of(BufferedImage picture, BufferedImage edited, Tensor inside) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    checkArgument(
        edited.getWidth() == width && edited.getHeight() == height,
        "the edited picture is %s x %s, the picture %s x %s",
        edited.getWidth(),
        edited.getHeight(),
        width,
        height);
    float[] mask = inside.toFloats();
    int[] below = RgbPictures.toRgb(picture).getRGB(0, 0, width, height, null, 0, width);
    int[] above = RgbPictures.toRgb(edited).getRGB(0, 0, width, height, null, 0, width);
    float[] weights = new float[above.length];
    int[] inMask = new int[above.length];
    for (int y = 0; y < height; y++) {
      float row = place(y, height, inside.dim(2));
      for (int x = 0; x < width; x++) {
        float column = place(x, width, inside.dim(3));
        int i = y * width + x;
        weights[i] = Math.min(1, SLOPE * interpolated(mask, inside.dim(3), row, column));
        inMask[i] = mixed(below[i], above[i], weights[i]);
      }
    }
    float[] changed = ChangedPlaces.of(below, inMask, width, width / inside.dim(3) / 2);
    for (int i = 0; i < above.length; i++) {
      above[i] = mixed(below[i], above[i], weights[i] * changed[i]);
    }
    BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    result.setRGB(0, 0, width, height, above, 0, width);
    return result;
  }

  /** Where the middle of a pixel lies among {@code count} middles, no farther out than these. */
  private static float place(int pixel, int pixels, int count) {
    return Math.max(0, Math.min(count - 1, (pixel + 0.5f) * count / pixels - 0.5f));
  }

  private static float interpolated(float[] mask, int width, float row, float column) {
    int top = (int) row;
    int left = (int) column;
    int bottom = Math.min(top + 1, mask.length / width - 1);
    int right = Math.min(left + 1, width - 1);
    float across = column - left;
    float upper = mask[top * width + left] * (1 - across) + mask[top * width + right] * across;
    float lower =
        mask[bottom * width + left] * (1 - across) + mask[bottom * width + right] * across;
    return upper + (lower - upper) * (row - top);
  }

  private static int mixed(int below, int above, float weight) {
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int from = below >> shift & 0xff;
      int to = above >> shift & 0xff;
      rgb |= Math.round(from + (to - from) * weight) << shift;
    }
    return rgb;
  }
}
