package io.github.pix2pixzero.benchmarks.evaluation;

import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Source, result and answer of every edit beneath one another, several edits to a band. */
final class ContactSheet {
  private static final int COLUMNS = 18;
  private static final int GAP = 6;

  private ContactSheet() {}

  /**
   * @param columns for each edit its pictures from top to bottom, all of one size
   */
  static BufferedImage of(List<List<BufferedImage>> columns) {
    int width = columns.get(0).get(0).getWidth();
    int height = columns.get(0).get(0).getHeight();
    int rows = columns.get(0).size();
    int across = Math.min(COLUMNS, columns.size());
    int bands = (columns.size() + COLUMNS - 1) / COLUMNS;
    BufferedImage sheet =
        new BufferedImage(
            across * width, bands * (rows * height + GAP) - GAP, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    for (int i = 0; i < columns.size(); i++) {
      int x = i % COLUMNS * width;
      int y = i / COLUMNS * (rows * height + GAP);
      for (BufferedImage picture : columns.get(i)) {
        graphics.drawImage(picture, x, y, null);
        y += height;
      }
    }
    graphics.dispose();
    return sheet;
  }

  static void write(List<List<BufferedImage>> columns, Path file) throws IOException {
    PictureFiles.write(of(columns), file);
  }
}
