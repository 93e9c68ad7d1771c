package io.github.pix2pixzero.picture;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** Several pictures in one, each with its label below. */
public final class ContactSheet {
  private static final int GAP = 8;
  private static final int SMALLEST_TILE = 128;

  private ContactSheet() {}

  /** A picture and what stands below it. */
  public record Tile(String label, BufferedImage picture) {}

  /**
   * Lays pictures out in rows, about as many as columns. Small ones are enlarged pixel by pixel.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static BufferedImage of(List<Tile> tiles) {
    return of(tiles, (int) Math.ceil(Math.sqrt(tiles.size())));
  }

  /**
   * Lays pictures out in rows of {@code columns}.
   *
   * @throws IllegalArgumentException if there are no pictures, or no columns
   */
  public static BufferedImage of(List<Tile> tiles, int columns) {
    checkArgument(!tiles.isEmpty(), "a contact sheet needs at least one picture");
    checkArgument(columns > 0, "a contact sheet needs at least one column, got %s", columns);
    int rows = (tiles.size() + columns - 1) / columns;
    int width = 0;
    int height = 0;
    for (Tile tile : tiles) {
      int scale = scale(tile.picture());
      width = Math.max(width, scale * tile.picture().getWidth());
      height = Math.max(height, scale * tile.picture().getHeight());
    }
    int cellHeight = height + Glyphs.HEIGHT + GAP;
    BufferedImage sheet =
        new BufferedImage(
            columns * (width + GAP) + GAP,
            rows * (cellHeight + GAP) + GAP,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    for (int i = 0; i < tiles.size(); i++) {
      BufferedImage picture = tiles.get(i).picture();
      int x = GAP + i % columns * (width + GAP);
      int y = GAP + i / columns * (cellHeight + GAP);
      int scale = scale(picture);
      graphics.drawImage(
          picture, x, y, scale * picture.getWidth(), scale * picture.getHeight(), null);
      Glyphs.write(tiles.get(i).label(), sheet, x, y + height + GAP / 2, width);
    }
    graphics.dispose();
    return sheet;
  }

  private static int scale(BufferedImage picture) {
    int side = Math.max(picture.getWidth(), picture.getHeight());
    return Math.max(1, (SMALLEST_TILE + side - 1) / side);
  }
}
