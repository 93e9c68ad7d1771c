package io.github.pix2pixzero.picture;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.Rectangle;
import java.awt.image.BufferedImage;

/**
 * A picture at a size that a model can work at, and the way back to the one it was made from.
 *
 * @param picture what the model works on
 * @param source what it was made from
 * @param shown the part of the source that can be seen in the picture
 * @param place where in the picture it is
 */
public record FittedPicture(
    BufferedImage picture, BufferedImage source, Rectangle shown, Rectangle place) {

  /** Rectangles can be changed by whoever holds them. */
  public FittedPicture {
    shown = new Rectangle(shown);
    place = new Rectangle(place);
  }

  /** A picture that fits as it is. */
  public static FittedPicture unchanged(BufferedImage picture) {
    Rectangle all = new Rectangle(picture.getWidth(), picture.getHeight());
    return new FittedPicture(picture, picture, all, all);
  }

  /**
   * Refuses a mask that does not go with the source.
   *
   * @throws IllegalArgumentException if it has another size
   */
  public void checkMask(BufferedImage mask) {
    checkArgument(
        mask.getWidth() == source.getWidth() && mask.getHeight() == source.getHeight(),
        "the mask is %s x %s pixels, the picture %s x %s",
        mask.getWidth(),
        mask.getHeight(),
        source.getWidth(),
        source.getHeight());
  }

  /**
   * Takes a mask of the source along to the picture: what cannot be seen of it goes, and what was
   * added around it counts as black.
   *
   * @param mask of the size of {@link #source}
   * @throws IllegalArgumentException if it has another size
   */
  public BufferedImage along(BufferedImage mask) {
    checkMask(mask);
    BufferedImage fitted =
        new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
    RgbPictures.put(
        RgbPictures.scaled(
            RgbPictures.part(RgbPictures.toRgb(mask), shown), place.width, place.height),
        fitted,
        place.x,
        place.y);
    return fitted;
  }

  /**
   * Brings an edited picture to the size of the source: padding is cut off, and what had been cut
   * off comes back from the source.
   *
   * @param edited of the size of {@link #picture}
   */
  public BufferedImage restore(BufferedImage edited) {
    checkArgument(
        edited.getWidth() == picture.getWidth() && edited.getHeight() == picture.getHeight(),
        "the picture is %s x %s, expected %s x %s",
        edited.getWidth(),
        edited.getHeight(),
        picture.getWidth(),
        picture.getHeight());
    if (edited.getWidth() == source.getWidth() && edited.getHeight() == source.getHeight()) {
      return edited;
    }
    BufferedImage part =
        RgbPictures.scaled(
            RgbPictures.part(RgbPictures.toRgb(edited), place), shown.width, shown.height);
    BufferedImage restored = RgbPictures.copy(RgbPictures.toRgb(source));
    RgbPictures.put(part, restored, shown.x, shown.y);
    return restored;
  }
}
