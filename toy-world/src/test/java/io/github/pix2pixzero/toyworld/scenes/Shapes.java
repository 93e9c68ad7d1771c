package io.github.pix2pixzero.toyworld.scenes;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RadialGradientPaint;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Point2D;

/** What scenes are drawn of, in units of which a picture has 100 a side. */
final class Shapes {
  private Shapes() {}

  /** A colour between two. */
  static Color mix(Color a, Color b, double t) {
    return new Color(
        (int) (a.getRed() * (1 - t) + b.getRed() * t),
        (int) (a.getGreen() * (1 - t) + b.getGreen() * t),
        (int) (a.getBlue() * (1 - t) + b.getBlue() * t));
  }

  static void oval(Graphics2D g, double cx, double cy, double rx, double ry) {
    g.fill(new Ellipse2D.Double(cx - rx, cy - ry, 2 * rx, 2 * ry));
  }

  static void poly(Graphics2D g, double... p) {
    Path2D q = new Path2D.Double();
    q.moveTo(p[0], p[1]);
    for (int i = 2; i < p.length; i += 2) q.lineTo(p[i], p[i + 1]);
    q.closePath();
    g.fill(q);
  }

  static void shaded(Graphics2D g, Color c, double cx, double cy, double rx, double ry) {
    g.setPaint(
        new RadialGradientPaint(
            new Point2D.Double(cx - rx * 0.35, cy - ry * 0.45),
            (float) (1.7 * Math.max(rx, ry)),
            new float[] {0f, 1f},
            new Color[] {mix(c, Color.WHITE, 0.18), mix(c, Color.BLACK, 0.22)}));
    oval(g, cx, cy, rx, ry);
  }
}
