package io.github.pix2pixzero.picture;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/** Curves one beneath the other, each on an axis of its own over a common one, as SVG. */
public final class SvgPanels {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 120;
  private static final int LEFT = 70;
  private static final int TITLE = 24;

  /** Beside the first and the last point, where points have names. */
  private static final int MARGIN = 40;

  private final StringBuilder body = new StringBuilder();
  private final DoubleUnaryOperator axis;
  private final List<Double> ticks;
  private int panels;

  private SvgPanels(DoubleUnaryOperator axis, List<Double> ticks) {
    this.axis = axis;
    this.ticks = List.copyOf(ticks);
  }

  /**
   * @param name beside the point; where it is empty, only the line shows
   */
  public record Point(double x, double y, String name) {
    public Point(double x, double y) {
      this(x, y, "");
    }
  }

  /** Over numbers from 0 to {@code last}. */
  public static SvgPanels over(double last) {
    return new SvgPanels(x -> WIDTH * x / last, List.of());
  }

  /**
   * Over positive numbers, as far apart as their ratio is large, with 1, 2, 5 times the powers of
   * ten beneath.
   *
   * @throws IllegalArgumentException if there are not two different ones, all of them positive
   */
  public static SvgPanels overRatios(DoubleStream numbers) {
    double[] sorted = numbers.sorted().toArray();
    checkArgument(
        sorted.length > 1 && 0 < sorted[0] && sorted[0] < sorted[sorted.length - 1],
        "%s numbers, expected positive ones, and two that differ",
        sorted.length);
    double least = Math.log(sorted[0]);
    double scale = (WIDTH - 2 * MARGIN) / (Math.log(sorted[sorted.length - 1]) - least);
    DoubleUnaryOperator axis = x -> MARGIN + scale * (Math.log(x) - least);
    List<Double> ticks = new ArrayList<>();
    for (int power = -6; power < 9; power++) {
      for (int digit : new int[] {1, 2, 5}) {
        double tick = digit * Math.pow(10, power);
        if (0 <= axis.applyAsDouble(tick) && axis.applyAsDouble(tick) <= WIDTH) {
          ticks.add(tick);
        }
      }
    }
    return new SvgPanels(axis, ticks);
  }

  /**
   * Adds a panel; fewer than two points, or zeros alone, are left out.
   *
   * @param points from left to right
   */
  public void add(String title, List<Point> points) {
    double least = points.stream().mapToDouble(Point::y).min().orElse(0);
    double most = points.stream().mapToDouble(Point::y).max().orElse(0);
    if (points.size() < 2 || (least == 0 && most == 0)) {
      return;
    }
    int top = panels * (HEIGHT + TITLE) + TITLE;
    double range = Math.max(most - least, 1e-12);
    StringBuilder line = new StringBuilder();
    StringBuilder names = new StringBuilder();
    for (Point point : points) {
      double x = axis.applyAsDouble(point.x());
      String left = number(LEFT + x);
      double y = top + HEIGHT * (most - point.y()) / range;
      line.append(left).append(',').append(number(y)).append(' ');
      if (!point.name().isEmpty()) {
        names.append(
            "<circle cx=\"%s\" cy=\"%s\" r=\"3\" fill=\"steelblue\"/>\n"
                .formatted(left, number(y)));
        names.append(
            "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
                .formatted(
                    number(LEFT + (x > WIDTH / 2.0 ? x - 6 : x + 6)),
                    number(Math.min(Math.max(y + 4, top + 12), top + HEIGHT - 4)),
                    x > WIDTH / 2.0 ? "end" : "start",
                    escaped(point.name())));
      }
    }
    body.append(
        """
        <text x="%s" y="%s">%s</text>
        <text x="4" y="%s">%s</text>
        <text x="4" y="%s">%s</text>
        <rect x="%s" y="%s" width="%s" height="%s" fill="none" stroke="silver"/>
        <polyline points="%s" fill="none" stroke="steelblue"/>
        %s"""
            .formatted(
                LEFT,
                top - 6,
                escaped(title),
                top + 10,
                number(most),
                top + HEIGHT,
                number(least),
                LEFT,
                top,
                WIDTH,
                HEIGHT,
                line,
                names));
    panels++;
  }

  /** The whole document. */
  public String svg() {
    int bottom = panels * (HEIGHT + TITLE);
    StringBuilder numbers = new StringBuilder();
    for (double tick : ticks) {
      numbers.append(
          "<text x=\"%s\" y=\"%s\" text-anchor=\"middle\">%s</text>\n"
              .formatted(
                  number(LEFT + axis.applyAsDouble(tick)),
                  bottom + 16,
                  tick < 1 ? Double.toString(tick) : Long.toString(Math.round(tick))));
    }
    return """
    <svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" font-family="sans-serif" font-size="12">
    <rect width="100%%" height="100%%" fill="white"/>
    %s%s</svg>
    """
        .formatted(WIDTH + LEFT + TITLE, bottom + TITLE, body, numbers);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
