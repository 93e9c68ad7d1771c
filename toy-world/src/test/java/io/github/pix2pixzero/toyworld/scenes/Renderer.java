package io.github.pix2pixzero.toyworld.scenes;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.Random;

/** From a scene to its picture. */
final class Renderer {
  /** Pixels a side of a drawing; pictures have half as many. */
  static final int SIZE = 128;

  private Renderer() {}

  /** The picture that the toy model was trained on, 64 x 64. */
  static BufferedImage picture(Scene scene) {
    return half(render(scene));
  }

  private static BufferedImage render(Scene s) {
    int ss = 2, n = SIZE * ss;
    BufferedImage im = new BufferedImage(n, n, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = im.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.scale(n / 100.0, n / 100.0); // scene units: 0..100
    Random r = new Random(s.detailSeed());
    double horizon = 52 + 8 * r.nextDouble();
    Surroundings.background(g, s, r, horizon);
    Surroundings.object(g, s, horizon);
    AffineTransform at = g.getTransform();
    g.translate(100 * s.x(), 92);
    g.scale(s.scale(), s.scale());
    Animals.animal(g, s);
    g.setTransform(at);
    g.dispose();
    BufferedImage out = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
    Graphics2D d = out.createGraphics();
    d.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    d.drawImage(im, 0, 0, SIZE, SIZE, null);
    d.dispose();
    return switch (s.style()) {
      case "sketch" -> Styles.sketch(out);
      case "oil painting" -> Styles.oil(out);
      default -> out;
    };
  }

  /**
   * 64 x 64 pixels, each the mean of a 2 x 2 block of the rendering: what the toy model was trained
   * on.
   */
  private static BufferedImage half(BufferedImage in) {
    int n = SIZE / 2;
    BufferedImage out = new BufferedImage(n, n, BufferedImage.TYPE_INT_RGB);
    for (int j = 0; j < n; j++)
      for (int i = 0; i < n; i++) {
        int rgb = 0;
        for (int sh = 16; sh >= 0; sh -= 8) {
          int v = 0;
          for (int q = 0; q < 4; q++) v += in.getRGB(2 * i + (q & 1), 2 * j + (q >> 1)) >> sh & 255;
          rgb |= (int) Math.rint(v / 4.0) << sh;
        }
        out.setRGB(i, j, rgb);
      }
    return out;
  }
}
