package io.github.pix2pixzero.toyworld.scenes;

import static io.github.pix2pixzero.toyworld.scenes.Shapes.mix;
import static io.github.pix2pixzero.toyworld.scenes.Shapes.oval;
import static io.github.pix2pixzero.toyworld.scenes.Shapes.poly;
import static io.github.pix2pixzero.toyworld.scenes.Shapes.shaded;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.Random;

/** Places, and what stands in them. */
final class Surroundings {
  private Surroundings() {}

  private static Color objectColor(String c) {
    return switch (c) {
      case "red" -> new Color(208, 44, 48);
      case "blue" -> new Color(44, 92, 208);
      case "yellow" -> new Color(240, 204, 52);
      case "green" -> new Color(48, 156, 76);
      default -> new Color(140, 64, 180);
    };
  }

  static void background(Graphics2D g, Scene s, Random r, double h) {
    Color top, low, ground, ground2;
    switch (s.place()) {
      case "meadow" -> {
        top = new Color(108, 176, 240);
        low = new Color(206, 232, 250);
        ground = new Color(124, 190, 84);
        ground2 = new Color(72, 140, 56);
      }
      case "beach" -> {
        top = new Color(88, 180, 236);
        low = new Color(196, 236, 248);
        ground = new Color(242, 220, 160);
        ground2 = new Color(220, 188, 120);
      }
      case "snow" -> {
        top = new Color(176, 200, 222);
        low = new Color(226, 234, 242);
        ground = new Color(248, 250, 254);
        ground2 = new Color(204, 216, 232);
      }
      case "desert" -> {
        top = new Color(246, 190, 120);
        low = new Color(252, 226, 172);
        ground = new Color(226, 166, 92);
        ground2 = new Color(188, 122, 60);
      }
      case "city" -> {
        top = new Color(160, 176, 196);
        low = new Color(214, 218, 224);
        ground = new Color(128, 128, 132);
        ground2 = new Color(92, 92, 98);
      }
      default -> {
        top = new Color(12, 16, 48);
        low = new Color(44, 50, 104);
        ground = new Color(44, 66, 68);
        ground2 = new Color(22, 36, 42);
      }
    }
    g.setPaint(new GradientPaint(0, 0, top, 0, (float) h, low));
    g.fill(new Rectangle2D.Double(0, 0, 100, h + 1));
    double sunX = 12 + 76 * r.nextDouble(), sunY = 10 + 8 * r.nextDouble();
    switch (s.place()) {
      case "meadow", "beach" -> {
        g.setPaint(new Color(255, 236, 120));
        oval(g, sunX, sunY, 6, 6);
        g.setPaint(new Color(255, 255, 255, 220));
        for (int i = 0; i < 2; i++) {
          double x = 10 + 80 * r.nextDouble(), y = 12 + 18 * r.nextDouble();
          oval(g, x, y, 7, 3);
          oval(g, x + 5, y - 2, 5, 3.2);
          oval(g, x + 10, y, 6, 2.6);
        }
      }
      case "desert" -> {
        g.setPaint(new Color(255, 240, 190));
        oval(g, sunX, sunY + 4, 8, 8);
      }
      case "night" -> {
        g.setPaint(new Color(240, 240, 214));
        oval(g, sunX, sunY, 6, 6);
        g.setPaint(top);
        oval(g, sunX + 3, sunY - 1.5, 5, 5);
        g.setPaint(new Color(236, 236, 255));
        for (int i = 0; i < 16; i++) oval(g, 100 * r.nextDouble(), 46 * r.nextDouble(), 0.7, 0.7);
      }
      case "city" -> {
        for (int i = 0; i < 7; i++) {
          double x = i * 15 - 3 + 4 * r.nextDouble(),
              w = 11 + 5 * r.nextDouble(),
              ht = 16 + 26 * r.nextDouble();
          Color c = mix(new Color(92, 104, 124), new Color(150, 128, 120), r.nextDouble());
          g.setPaint(c);
          g.fill(new Rectangle2D.Double(x, h - ht, w, ht + 1));
          g.setPaint(new Color(244, 224, 150));
          for (double yy = h - ht + 3; yy < h - 3; yy += 6)
            for (double xx = x + 2; xx < x + w - 3; xx += 4.5)
              g.fill(new Rectangle2D.Double(xx, yy, 2.2, 3));
        }
      }
      default -> {}
    }
    g.setPaint(new GradientPaint(0, (float) h, ground, 0, 100, ground2));
    g.fill(new Rectangle2D.Double(0, h, 100, 100 - h));
    if (s.place().equals("beach")) {
      g.setPaint(new Color(40, 132, 196));
      g.fill(new Rectangle2D.Double(0, h, 100, 9));
      g.setPaint(new Color(236, 248, 252));
      g.fill(new Rectangle2D.Double(0, h + 8, 100, 1.6));
    }
    if (s.place().equals("meadow") || s.place().equals("snow")) {
      g.setPaint(mix(ground, ground2, 0.35));
      oval(g, 20 + 60 * r.nextDouble(), h + 3, 42, 8);
      g.setPaint(new GradientPaint(0, (float) h + 4, ground, 0, 100, ground2));
      g.fill(new Rectangle2D.Double(0, h + 4, 100, 96 - h));
    }
    if (s.place().equals("desert")) {
      g.setPaint(mix(ground, ground2, 0.5));
      oval(g, 20 + 60 * r.nextDouble(), h + 6, 38, 9);
      g.setPaint(new GradientPaint(0, (float) h + 6, ground, 0, 100, ground2));
      g.fill(new Rectangle2D.Double(0, h + 6, 100, 94 - h));
    }
    if (s.place().equals("snow")) {
      g.setPaint(Color.WHITE);
      for (int i = 0; i < 26; i++) oval(g, 100 * r.nextDouble(), 100 * r.nextDouble(), 1, 1);
    }
    if (s.place().equals("city")) {
      g.setPaint(new Color(226, 214, 120));
      for (int i = 0; i < 5; i++) g.fill(new Rectangle2D.Double(4 + 22 * i, 82, 11, 1.8));
    }
  }

  static void object(Graphics2D g, Scene s, double h) {
    double x = 100 * s.objectX();
    Color c = objectColor(s.objectColor());
    switch (s.object()) {
      case "tree" -> {
        boolean snow = s.place().equals("snow");
        g.setPaint(new Color(104, 70, 42));
        g.fill(new Rectangle2D.Double(x - 2.2, h - 8, 4.4, 24));
        Color leaf = snow ? new Color(220, 232, 236) : new Color(46, 128, 58);
        shaded(g, leaf, x, h - 14, 11, 12);
        shaded(g, mix(leaf, Color.BLACK, 0.08), x - 6, h - 8, 7, 7);
        shaded(g, leaf, x + 6, h - 8, 7, 7);
      }
      case "ball" -> {
        shaded(g, c, x, 84, 8, 8);
        g.setPaint(new Color(255, 255, 255, 150));
        oval(g, x - 3, 80.5, 2, 1.4);
      }
      case "house" -> {
        double y = h + 14;
        g.setPaint(new Color(232, 220, 200));
        g.fill(new Rectangle2D.Double(x - 11, y - 20, 22, 20));
        g.setPaint(c);
        poly(g, x - 14, y - 20, x + 14, y - 20, x, y - 33);
        g.setPaint(new Color(104, 70, 42));
        g.fill(new Rectangle2D.Double(x - 2.6, y - 10, 5.2, 10));
        g.setPaint(new Color(140, 190, 222));
        g.fill(new Rectangle2D.Double(x - 8.6, y - 15, 4.6, 4.6));
        g.fill(new Rectangle2D.Double(x + 4, y - 15, 4.6, 4.6));
      }
      default -> {}
    }
  }
}
