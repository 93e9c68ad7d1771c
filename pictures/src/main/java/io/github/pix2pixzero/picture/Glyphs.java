package io.github.pix2pixzero.picture;

import com.google.common.io.Resources;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/**
 * Writes labels. Java's own text needs fonts on the machine, which servers do not have, so the
 * letters come as a picture: one cell for each character of ASCII from the space on.
 */
final class Glyphs {
  static final int HEIGHT = 16;
  private static final int CELL = 14;
  private static final int SPACE = 4;
  private static final char FIRST = ' ';
  private static final char LAST = '~';
  private static final BufferedImage STRIP = load();

  private Glyphs() {}

  private static BufferedImage load() {
    try {
      return ImageIO.read(Resources.getResource(Glyphs.class, "glyphs.png"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a text in black on white; what is too wide is cut, what is not ASCII becomes "?". */
  static void write(String text, BufferedImage onto, int x, int y, int width) {
    int at = x;
    for (char character : text.toCharArray()) {
      char known = character < FIRST || character > LAST ? '?' : character;
      int advance = known == ' ' ? SPACE : inked(known) + 1;
      if (at + advance > x + width) {
        return;
      }
      int cell = (known - FIRST) * CELL;
      for (int row = 0; row < HEIGHT; row++) {
        for (int column = 0; column < advance; column++) {
          onto.setRGB(at + column, y + row, STRIP.getRGB(cell + column, row));
        }
      }
      at += advance;
    }
  }

  /** Columns of a cell up to the last with ink. */
  private static int inked(char character) {
    int cell = (character - FIRST) * CELL;
    for (int column = CELL - 1; column >= 0; column--) {
      for (int row = 0; row < HEIGHT; row++) {
        if ((STRIP.getRGB(cell + column, row) & 0xff) < 0xf0) {
          return column + 1;
        }
      }
    }
    return 0;
  }
}
