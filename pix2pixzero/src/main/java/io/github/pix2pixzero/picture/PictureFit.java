package io.github.pix2pixzero.picture;

import com.twelvemonkeys.image.ResampleOp;
import java.awt.image.BufferedImage;

/**
 * Brings a picture to a size that a model can work at: about as many pixels as it was trained with,
 * height and width multiples of what its networks divide by. Proportions stay; what does not fit a
 * multiple is cut off evenly at the edges. A picture that fits is left as it is.
 *
 * @param size height and width the model was trained with
 * @param multiple what height and width must be multiples of
 */
public record PictureFit(int size, int multiple) {

  public BufferedImage apply(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    if (fits(width) && fits(height) && (long) width * height <= (long) size * size) {
      return picture;
    }
    double scale = size / Math.sqrt((double) width * height);
    int targetWidth = nearestMultiple(width * scale);
    int targetHeight = nearestMultiple(height * scale);
    double cover = Math.max((double) targetWidth / width, (double) targetHeight / height);
    int scaledWidth = Math.max(targetWidth, (int) Math.round(width * cover));
    int scaledHeight = Math.max(targetHeight, (int) Math.round(height * cover));
    BufferedImage scaled =
        new ResampleOp(scaledWidth, scaledHeight, ResampleOp.FILTER_LANCZOS)
            .filter(PictureTensors.toRgb(picture), null);
    return scaled.getSubimage(
        (scaledWidth - targetWidth) / 2,
        (scaledHeight - targetHeight) / 2,
        targetWidth,
        targetHeight);
  }

  private boolean fits(int extent) {
    return extent % multiple == 0;
  }

  private int nearestMultiple(double extent) {
    return Math.max(1, (int) Math.round(extent / multiple)) * multiple;
  }
}
