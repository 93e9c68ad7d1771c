package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.distill.TrainingLog.Entry;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Losses and held-out scores over the steps, each on an axis of its own, as SVG. */
final class LossPlot {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 120;
  private static final int LEFT = 70;
  private static final int TITLE = 24;

  private LossPlot() {}

  /** The plot of what is logged. */
  static String svg(List<Entry> entries) {
    List<Entry> scored = entries.stream().filter(entry -> entry.heldOut() != null).toList();
    StringBuilder body = new StringBuilder();
    int rows = 0;
    rows += row(body, rows, "L1", entries, Entry::l1);
    rows += row(body, rows, "mask", entries, Entry::mask);
    rows += row(body, rows, "features", entries, Entry::features);
    rows += row(body, rows, "GAN", entries, Entry::gan);
    rows += row(body, rows, "held out, inside, dB", scored, entry -> entry.heldOut().inside());
    rows += row(body, rows, "held out, residue", scored, entry -> entry.heldOut().residue());
    rows += row(body, rows, "held out, sharpness", scored, entry -> entry.heldOut().sharpness());
    return """
    <svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" font-family="sans-serif" font-size="12">
    <rect width="100%%" height="100%%" fill="white"/>
    %s</svg>
    """
        .formatted(WIDTH + LEFT + TITLE, rows * (HEIGHT + TITLE) + TITLE, body);
  }

  /** Adds a curve; one of zeros alone is left out. Returns how many were added. */
  private static int row(
      StringBuilder body,
      int row,
      String title,
      List<Entry> entries,
      ToDoubleFunction<Entry> value) {
    double least = entries.stream().mapToDouble(value).min().orElse(0);
    double most = entries.stream().mapToDouble(value).max().orElse(0);
    if (entries.size() < 2 || (least == 0 && most == 0)) {
      return 0;
    }
    int top = row * (HEIGHT + TITLE) + TITLE;
    double range = Math.max(most - least, 1e-12);
    double last = entries.get(entries.size() - 1).step();
    StringBuilder points = new StringBuilder();
    for (Entry entry : entries) {
      points
          .append(number(LEFT + WIDTH * entry.step() / last))
          .append(',')
          .append(number(top + HEIGHT * (most - value.applyAsDouble(entry)) / range))
          .append(' ');
    }
    body.append(
        """
        <text x="%s" y="%s">%s</text>
        <text x="4" y="%s">%s</text>
        <text x="4" y="%s">%s</text>
        <rect x="%s" y="%s" width="%s" height="%s" fill="none" stroke="silver"/>
        <polyline points="%s" fill="none" stroke="steelblue"/>
        """
            .formatted(
                LEFT,
                top - 6,
                title,
                top + 10,
                number(most),
                top + HEIGHT,
                number(least),
                LEFT,
                top,
                WIDTH,
                HEIGHT,
                points));
    return 1;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
