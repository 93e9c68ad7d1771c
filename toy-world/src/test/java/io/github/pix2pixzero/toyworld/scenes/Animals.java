package io.github.pix2pixzero.toyworld.scenes;

import static io.github.pix2pixzero.toyworld.scenes.Shapes.mix;
import static io.github.pix2pixzero.toyworld.scenes.Shapes.oval;
import static io.github.pix2pixzero.toyworld.scenes.Shapes.poly;
import static io.github.pix2pixzero.toyworld.scenes.Shapes.shaded;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Stroke;
import java.awt.geom.AffineTransform;
import java.awt.geom.CubicCurve2D;
import java.awt.geom.Line2D;
import java.awt.geom.QuadCurve2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;

/** Animals, and what they wear. */
final class Animals {
  private Animals() {}

  private static Color coatColor(String c) {
    return switch (c) {
      case "white" -> new Color(240, 240, 238);
      case "black" -> new Color(52, 50, 56);
      case "gray" -> new Color(140, 142, 150);
      case "brown" -> new Color(128, 82, 48);
      case "orange" -> new Color(228, 132, 44);
      default -> new Color(236, 212, 164);
    };
  }

  /** Animal sitting at the origin (feet at y=0), about 60 units tall at scale 1. */
  static void animal(Graphics2D g, Scene s) {
    Color c = coatColor(s.coat()),
        dark = mix(c, Color.BLACK, 0.35),
        belly = mix(c, Color.WHITE, 0.45),
        pink = new Color(238, 150, 160),
        ink = new Color(24, 22, 26);
    boolean duck = s.animal().equals("duck");
    g.setPaint(new Color(0, 0, 0, 50));
    oval(g, 0, 0, 20, 3.2); // contact shadow
    Stroke line = new BasicStroke(3.4f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    switch (s.animal()) { // tail, behind the body
      case "cat" -> {
        g.setStroke(line);
        g.setPaint(dark);
        g.draw(new CubicCurve2D.Double(13, -5, 30, -4, 17, -24, 27, -28));
      }
      case "dog" -> {
        g.setStroke(line);
        g.setPaint(dark);
        g.draw(new QuadCurve2D.Double(13, -7, 22, -10, 24, -17));
      }
      case "rabbit" -> shaded(g, Color.WHITE, 15, -5, 5, 5);
      case "fox" -> {
        shaded(g, c, 20, -12, 6, 12);
        shaded(g, Color.WHITE, 20.5, -22, 4, 5);
      }
      default -> {}
    }
    shaded(g, c, 0, -14, 15, 14.5); // body
    g.setPaint(belly);
    oval(g, 0, -12, 8.5, 10.5);
    if (duck) {
      g.setPaint(new Color(236, 140, 36));
      oval(g, -6, -0.6, 5, 2);
      oval(g, 6, -0.6, 5, 2);
      g.setPaint(dark);
      oval(g, -12, -15, 4.5, 9);
      oval(g, 12, -15, 4.5, 9);
    } else {
      shaded(g, c, -7.5, -2.2, 5, 3.2);
      shaded(g, c, 7.5, -2.2, 5, 3.2);
    }
    if (s.extra().equals("scarf")) {
      g.setPaint(new Color(200, 36, 60));
      oval(g, 0, -26, 12.5, 4.6);
      g.fill(new RoundRectangle2D.Double(4, -26, 5.6, 13, 2, 2));
      g.setPaint(new Color(244, 222, 120));
      g.fill(new Rectangle2D.Double(4, -17, 5.6, 2));
    }
    AffineTransform at = g.getTransform();
    g.translate(0, -38);
    g.rotate(s.tilt());
    switch (s.animal()) { // ears, behind the head
      case "cat" -> {
        g.setPaint(c);
        poly(g, -14.5, -4, -12.5, -20, -2, -11);
        poly(g, 14.5, -4, 12.5, -20, 2, -11);
        g.setPaint(pink);
        poly(g, -12, -7, -11.2, -15.5, -5, -10.5);
        poly(g, 12, -7, 11.2, -15.5, 5, -10.5);
      }
      case "rabbit" -> {
        shaded(g, c, -6, -22, 4.2, 14);
        shaded(g, c, 6, -22, 4.2, 14);
        g.setPaint(pink);
        oval(g, -6, -22, 2, 10.5);
        oval(g, 6, -22, 2, 10.5);
      }
      case "bear" -> {
        shaded(g, c, -11, -10, 5.4, 5.4);
        shaded(g, c, 11, -10, 5.4, 5.4);
        g.setPaint(dark);
        oval(g, -11, -10, 2.8, 2.8);
        oval(g, 11, -10, 2.8, 2.8);
      }
      case "fox" -> {
        g.setPaint(c);
        poly(g, -15.5, -2, -17, -21, -3, -10.5);
        poly(g, 15.5, -2, 17, -21, 3, -10.5);
        g.setPaint(ink);
        poly(g, -16.2, -13, -17, -21, -10.5, -16.2);
        poly(g, 16.2, -13, 17, -21, 10.5, -16.2);
      }
      default -> {}
    }
    double hr = duck ? 12 : 14.5;
    shaded(g, c, 0, 0, hr, duck ? 12 : 13); // head
    switch (s.animal()) {
      case "dog" -> {
        g.setPaint(dark);
        AffineTransform a2 = g.getTransform();
        g.rotate(0.25, -13, -6);
        oval(g, -14, 1, 4.4, 11);
        g.setTransform(a2);
        g.rotate(-0.25, 13, -6);
        oval(g, 14, 1, 4.4, 11);
        g.setTransform(a2);
        g.setPaint(belly);
        oval(g, 0, 6, 7.6, 6.2);
        g.setPaint(ink);
        oval(g, 0, 2.6, 3.2, 2.3);
        g.setPaint(pink);
        g.fill(new RoundRectangle2D.Double(-1.9, 8.4, 3.8, 6, 3, 3));
      }
      case "cat" -> {
        g.setPaint(pink);
        poly(g, -2, 3, 2, 3, 0, 5.4);
        g.setPaint(ink);
        g.setStroke(new BasicStroke(0.8f));
        for (int k = -1; k <= 1; k++) {
          g.draw(new Line2D.Double(4, 5.5 + k, 15.5, 4.5 + 2.6 * k));
          g.draw(new Line2D.Double(-4, 5.5 + k, -15.5, 4.5 + 2.6 * k));
        }
        g.draw(new QuadCurve2D.Double(0, 5.4, -1.5, 9, -4.5, 8));
        g.draw(new QuadCurve2D.Double(0, 5.4, 1.5, 9, 4.5, 8));
      }
      case "rabbit" -> {
        g.setPaint(pink);
        oval(g, 0, 3.6, 1.9, 1.4);
        g.setPaint(Color.WHITE);
        g.fill(new Rectangle2D.Double(-2, 7, 1.9, 3.4));
        g.fill(new Rectangle2D.Double(0.1, 7, 1.9, 3.4));
        g.setPaint(belly);
        oval(g, -5.5, 5, 3, 2.4);
        oval(g, 5.5, 5, 3, 2.4);
      }
      case "bear" -> {
        g.setPaint(mix(c, new Color(236, 212, 164), 0.55));
        oval(g, 0, 5, 7, 5.6);
        g.setPaint(ink);
        oval(g, 0, 2.8, 2.8, 2);
        g.setStroke(new BasicStroke(0.9f));
        g.draw(new Line2D.Double(0, 4.6, 0, 8));
      }
      case "fox" -> {
        g.setPaint(new Color(248, 246, 240));
        poly(g, -14, 1, -1, 4, 0, 13, -7, 10.5);
        poly(g, 14, 1, 1, 4, 0, 13, 7, 10.5);
        g.setPaint(ink);
        oval(g, 0, 11, 2.2, 1.8);
      }
      default -> {
        g.setPaint(new Color(242, 150, 32));
        oval(g, 0, 5.4, 9.5, 3.6);
        g.setPaint(new Color(206, 112, 20));
        g.setStroke(new BasicStroke(0.9f));
        g.draw(new Line2D.Double(-9, 5.6, 9, 5.6));
      }
    }
    double ey = duck ? -3 : -2.5, ex = duck ? 5 : 6;
    if (s.extra().equals("sunglasses")) {
      g.setPaint(new Color(16, 16, 20));
      g.fill(new RoundRectangle2D.Double(-12, ey - 4, 10.6, 7.4, 3, 3));
      g.fill(new RoundRectangle2D.Double(1.4, ey - 4, 10.6, 7.4, 3, 3));
      g.fill(new Rectangle2D.Double(-3, ey - 3, 6, 1.6));
      g.fill(new Rectangle2D.Double(-hr, ey - 3, 2 * hr, 1.2));
      g.setPaint(new Color(150, 170, 200));
      poly(g, -10, ey - 2.4, -7.6, ey - 2.4, -9.6, ey + 1);
      poly(g, 3.6, ey - 2.4, 6, ey - 2.4, 4, ey + 1);
    } else {
      Color iris = s.animal().equals("cat") ? new Color(96, 176, 72) : new Color(96, 62, 34);
      for (int k = -1; k <= 1; k += 2) {
        g.setPaint(Color.WHITE);
        oval(g, k * ex, ey, 3.3, 3.3);
        g.setPaint(iris);
        oval(g, k * ex, ey, 2.5, 2.6);
        g.setPaint(ink);
        if (s.animal().equals("cat")) oval(g, k * ex, ey, 0.9, 2.5);
        else oval(g, k * ex, ey, 1.6, 1.6);
        g.setPaint(Color.WHITE);
        oval(g, k * ex + 0.9, ey - 1, 0.6, 0.6);
      }
    }
    if (s.extra().equals("hat")) {
      g.setPaint(new Color(60, 60, 150));
      g.fill(new RoundRectangle2D.Double(-8.5, -25, 17, 15, 3, 3));
      g.fill(new RoundRectangle2D.Double(-14, -12.6, 28, 3.6, 3, 3));
      g.setPaint(new Color(232, 196, 64));
      g.fill(new Rectangle2D.Double(-8.5, -15.6, 17, 3));
    }
    g.setTransform(at);
  }
}
