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
    BufferedImage worked = fitted.picture();
    int pixels = worked.getWidth() * worked.getHeight();
    int first = index * pixels;
    int[] answer = new int[pixels];
    int[] colours = new int[pixels];
    int[] shares = new int[pixels];
    for (int i = 0; i < pixels; i++) {
      float share = mask == null ? 1 : mask[first + i];
      for (int c = 0; c < COLOURS; c++) {
        float made = pictures[COLOURS * (first + i) + c];
        float source = sources[COLOURS * (first + i) + c];
        float colour = share < NOTHING ? source : source + (made - source) / share;
        answer[i] = answer[i] << 8 | level(made);
        colours[i] = colours[i] << 8 | level(colour);
        shares[i] = shares[i] << 8 | Math.round(255 * share);
      }
    }
    BufferedImage edited = picture(answer);
    BufferedImage given = fitted.source();
    boolean same = given.getWidth() == worked.getWidth() && given.getHeight() == worked.getHeight();
    if (same || mask == null) {
      return fitted.restore(edited);
    }
    return blended(
        PictureTensors.toRgb(given), fitted.restore(picture(colours)), restored(picture(shares)));
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

  private BufferedImage picture(int[] rgb) {
    int width = fitted.picture().getWidth();
    int height = fitted.picture().getHeight();
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, width, height, rgb, 0, width);
    return picture;
  }

  private static int level(float value) {
    return Math.round(Math.max(0f, Math.min(1f, value / 2 + 0.5f)) * 255);
  }
}
