package io.github.pix2pixzero.picture;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import java.awt.Rectangle;
import java.awt.image.BufferedImage;

/**
 * Brings a picture to a size that a model can work at: about as many pixels as it was trained with,
 * height and width multiples of what its networks divide by. A picture that fits, with no more
 * pixels and no less than a quarter of them, is left as it is. Of one so narrow that its short side
 * would come out below one multiple, the ends are cut off.
 *
 * @param size height and width the model was trained with, at least {@code multiple}
 * @param multiple what height and width must be multiples of
 * @param policy what happens to a picture whose proportions are not those of any such size
 */
public record PictureFit(int size, int multiple, Policy policy) {
  /** What happens to a picture whose proportions do not fit. */
  public enum Policy {
    /** What does not fit is cut off evenly at the edges. */
    CROP,
    /** All of it stays, and the outermost pixels are repeated around it. */
    PAD,
    /** All of it stays, stretched a little along one side. */
    RESIZE
  }

  public PictureFit {
    checkArgument(
        multiple > 0 && size >= multiple,
        "a size of %s does not hold the multiple %s",
        size,
        multiple);
    checkNotNull(policy, "fit policy");
  }

  /** A fit that keeps proportions and cuts off what does not fit. */
  public PictureFit(int size, int multiple) {
    this(size, multiple, Policy.CROP);
  }

  public BufferedImage apply(BufferedImage picture) {
    return fit(picture).picture();
  }

  /** Fits a picture, and remembers the way back to its own size. */
  public FittedPicture fit(BufferedImage picture) {
    if (fits(picture.getWidth(), picture.getHeight())) {
      return FittedPicture.unchanged(picture);
    }
    Rectangle shown = shown(picture);
    BufferedImage part = RgbPictures.part(RgbPictures.toRgb(picture), shown);
    double scale = size / Math.sqrt((double) shown.width * shown.height);
    int width = nearestMultiple(shown.width * scale);
    int height = nearestMultiple(shown.height * scale);
    return switch (policy) {
      case CROP -> cropped(picture, part, shown, width, height);
      case PAD -> padded(picture, part, shown, width, height);
      case RESIZE ->
          new FittedPicture(
              RgbPictures.scaled(part, width, height),
              picture,
              shown,
              new Rectangle(width, height));
    };
  }

  private static FittedPicture cropped(
      BufferedImage source, BufferedImage part, Rectangle shown, int width, int height) {
    double cover = Math.max((double) width / shown.width, (double) height / shown.height);
    int scaledWidth = Math.max(width, (int) Math.round(shown.width * cover));
    int scaledHeight = Math.max(height, (int) Math.round(shown.height * cover));
    Rectangle kept = centre(scaledWidth, scaledHeight, width, height);
    double back = 1 / cover;
    int left = (int) Math.round(kept.x * back);
    int top = (int) Math.round(kept.y * back);
    Rectangle region =
        new Rectangle(
            shown.x + left,
            shown.y + top,
            Math.min(shown.width - left, (int) Math.max(1, Math.round(width * back))),
            Math.min(shown.height - top, (int) Math.max(1, Math.round(height * back))));
    BufferedImage scaled = RgbPictures.scaled(part, scaledWidth, scaledHeight);
    return new FittedPicture(
        RgbPictures.part(scaled, kept), source, region, new Rectangle(width, height));
  }

  private static FittedPicture padded(
      BufferedImage source, BufferedImage part, Rectangle shown, int width, int height) {
    double contain = Math.min((double) width / shown.width, (double) height / shown.height);
    int scaledWidth = (int) Math.max(1, Math.min(width, Math.round(shown.width * contain)));
    int scaledHeight = (int) Math.max(1, Math.min(height, Math.round(shown.height * contain)));
    BufferedImage scaled = RgbPictures.scaled(part, scaledWidth, scaledHeight);
    Rectangle place = centre(width, height, scaledWidth, scaledHeight);
    return new FittedPicture(
        RgbPictures.surrounded(scaled, place, width, height), source, shown, place);
  }

  private boolean fits(int width, int height) {
    long pixels = (long) width * height;
    long trained = (long) size * size;
    return width % multiple == 0
        && height % multiple == 0
        && pixels <= trained
        && 4 * pixels >= trained;
  }

  /** All of a picture, or the middle of one whose short side would come out below one multiple. */
  private Rectangle shown(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    double ratio = Math.pow((double) size / multiple, 2);
    int longest = (int) Math.max(1, Math.floor(Math.min(width, height) * ratio));
    return centre(width, height, Math.min(width, longest), Math.min(height, longest));
  }

  /** A rectangle in the middle of a larger one. */
  private static Rectangle centre(int outerWidth, int outerHeight, int width, int height) {
    return new Rectangle((outerWidth - width) / 2, (outerHeight - height) / 2, width, height);
  }

  private int nearestMultiple(double extent) {
    return Math.max(1, (int) Math.round(extent / multiple)) * multiple;
  }
}
