package io.github.pix2pixzero.picture;

import static com.google.common.base.Preconditions.checkArgument;

import com.twelvemonkeys.image.ResampleOp;
import java.awt.image.BufferedImage;

/**
 * Brings a picture to a size that a model can work at: about as many pixels as it was trained with,
 * height and width multiples of what its networks divide by. Proportions stay; what does not fit a
 * multiple is cut off evenly at the edges, and so are the ends of a picture too narrow for the
 * model. A picture that fits, with no more pixels and no less than a quarter of them, is left as it
 * is.
 *
 * @param size height and width the model was trained with, at least {@code multiple}
 * @param multiple what height and width must be multiples of
 */
public record PictureFit(int size, int multiple) {
  public PictureFit {
    checkArgument(
        multiple > 0 && size >= multiple,
        "a size of %s does not hold the multiple %s",
        size,
        multiple);
  }

  public BufferedImage apply(BufferedImage picture) {
    if (fits(picture.getWidth(), picture.getHeight())) {
      return picture;
    }
    BufferedImage rgb = shortened(RgbPictures.toRgb(picture));
    int width = rgb.getWidth();
    int height = rgb.getHeight();
    double scale = size / Math.sqrt((double) width * height);
    int targetWidth = nearestMultiple(width * scale);
    int targetHeight = nearestMultiple(height * scale);
    double cover = Math.max((double) targetWidth / width, (double) targetHeight / height);
    int scaledWidth = Math.max(targetWidth, (int) Math.round(width * cover));
    int scaledHeight = Math.max(targetHeight, (int) Math.round(height * cover));
    BufferedImage scaled =
        new ResampleOp(scaledWidth, scaledHeight, ResampleOp.FILTER_LANCZOS).filter(rgb, null);
    return centre(scaled, targetWidth, targetHeight);
  }

  private boolean fits(int width, int height) {
    long pixels = (long) width * height;
    long trained = (long) size * size;
    return width % multiple == 0
        && height % multiple == 0
        && pixels <= trained
        && 4 * pixels >= trained;
  }

  /** The middle of a picture whose short side would come out below one multiple. */
  private BufferedImage shortened(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    double ratio = Math.pow((double) size / multiple, 2);
    int longest = (int) Math.max(1, Math.floor(Math.min(width, height) * ratio));
    return width <= longest && height <= longest
        ? picture
        : centre(picture, Math.min(width, longest), Math.min(height, longest));
  }

  private static BufferedImage centre(BufferedImage picture, int width, int height) {
    return picture.getSubimage(
        (picture.getWidth() - width) / 2, (picture.getHeight() - height) / 2, width, height);
  }

  private int nearestMultiple(double extent) {
    return Math.max(1, (int) Math.round(extent / multiple)) * multiple;
  }
}
