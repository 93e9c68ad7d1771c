package io.github.pix2pixzero.distill;

import static io.github.pix2pixzero.distill.Pair.COLOURS;

import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.picture.PictureTensors;
import java.awt.image.BufferedImage;

/**
 * A student's answer at the size of the picture that was given. Where it was fitted, colours and
 * mask are brought back by themselves and blended there, so that what is not edited keeps every
 * detail.
 *
 * @param sources of a batch, [batch, height, width, 3]
 * @param pictures the answers, of the same shape
 * @param mask how much of the colours each pixel has, [batch, height, width, 1]; null for all
 * @param index which of the batch
 */
record Blend(FittedPicture fitted, float[] sources, float[] pictures, float[] mask, int index) {
  /** A mask below this shows in no pixel. */
  private static final float NOTHING = 0.5f / 255;

  BufferedImage picture() {
    BufferedImage given = fitted.source();
    BufferedImage worked = fitted.picture();
    boolean same = given.getWidth() == worked.getWidth() && given.getHeight() == worked.getHeight();
    if (same || mask == null) {
      return fitted.restore(picture(this::answer));
    }
    return blended(
        PictureTensors.toRgb(given),
        fitted.restore(picture(this::colour)),
        restored(picture((at, share) -> share)));
  }

  /** A level of a picture at an element of {@link #pictures}, whose pixel has a share. */
  private interface Level {
    float at(int element, float share);
  }

  private float answer(int element, float share) {
    return pictures[element] / 2 + 0.5f;
  }

  private float colour(int element, float share) {
    float source = sources[element];
    float colour = share < NOTHING ? source : source + (pictures[element] - source) / share;
    return colour / 2 + 0.5f;
  }

  /** A picture of levels from 0 to 1. */
  private BufferedImage picture(Level level) {
    int width = fitted.picture().getWidth();
    int height = fitted.picture().getHeight();
    int[] rgb = new int[width * height];
    int first = index * rgb.length;
    for (int i = 0; i < rgb.length; i++) {
      float share = mask == null ? 1 : mask[first + i];
      for (int c = 0; c < COLOURS; c++) {
        float value = level.at(COLOURS * (first + i) + c, share);
        rgb[i] = rgb[i] << 8 | Math.round(Math.max(0f, Math.min(1f, value)) * 255);
      }
    }
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    picture.getRaster().setDataElements(0, 0, width, height, rgb);
    return picture;
  }

  /** The mask at the size of the picture that was given; black where that was cut off. */
  private BufferedImage restored(BufferedImage shares) {
    BufferedImage given = fitted.source();
    BufferedImage black =
        new BufferedImage(given.getWidth(), given.getHeight(), BufferedImage.TYPE_INT_RGB);
    return new FittedPicture(fitted.picture(), black, fitted.shown(), fitted.place())
        .restore(shares);
  }

  private static BufferedImage blended(
      BufferedImage source, BufferedImage colours, BufferedImage shares) {
    BufferedImage result =
        new BufferedImage(source.getWidth(), source.getHeight(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < source.getHeight(); y++) {
      for (int x = 0; x < source.getWidth(); x++) {
        int before = source.getRGB(x, y);
        int after = colours.getRGB(x, y);
        float share = (shares.getRGB(x, y) & 0xff) / 255f;
        int mixed = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
          int one = before >> shift & 0xff;
          int other = after >> shift & 0xff;
          mixed |= Math.round(one + share * (other - one)) << shift;
        }
        result.setRGB(x, y, mixed);
      }
    }
    return result;
  }
}
