package io.github.pix2pixzero.toyworld.scenes;

import java.awt.Color;
import java.awt.image.BufferedImage;

/** From a drawing to a sketch or an oil painting. */
final class Styles {
  private Styles() {}

  /** Dark lines on paper where brightness changes. */
  static BufferedImage sketch(BufferedImage in) {
    int n = Renderer.SIZE;
    double[][] y = new double[n][n];
    for (int j = 0; j < n; j++)
      for (int i = 0; i < n; i++) {
        int p = in.getRGB(i, j);
        y[j][i] = (0.3 * (p >> 16 & 255) + 0.59 * (p >> 8 & 255) + 0.11 * (p & 255)) / 255;
      }
    BufferedImage out = new BufferedImage(n, n, BufferedImage.TYPE_INT_RGB);
    for (int j = 0; j < n; j++)
      for (int i = 0; i < n; i++) {
        int a = Math.max(0, i - 1),
            b = Math.min(n - 1, i + 1),
            u = Math.max(0, j - 1),
            d = Math.min(n - 1, j + 1);
        double gx = y[j][b] - y[j][a] + 0.5 * (y[u][b] - y[u][a] + y[d][b] - y[d][a]),
            gy = y[d][i] - y[u][i] + 0.5 * (y[d][a] - y[u][a] + y[d][b] - y[u][b]);
        double v = 0.80 + 0.18 * y[j][i] - 1.1 * Math.sqrt(gx * gx + gy * gy);
        v = Math.max(0.12, Math.min(1, v));
        out.setRGB(i, j, new Color((int) (250 * v), (int) (247 * v), (int) (238 * v)).getRGB());
      }
    return out;
  }

  /** Kuwahara filter: flat brush-like patches with a slight boost of colour. */
  static BufferedImage oil(BufferedImage in) {
    int n = Renderer.SIZE, k = 3;
    int[] px = in.getRGB(0, 0, n, n, null, 0, n);
    BufferedImage out = new BufferedImage(n, n, BufferedImage.TYPE_INT_RGB);
    for (int j = 0; j < n; j++)
      for (int i = 0; i < n; i++) {
        double best = 1e18;
        int rgb = 0;
        for (int q = 0; q < 4; q++) {
          int x0 = (q & 1) == 0 ? i - k : i, y0 = (q & 2) == 0 ? j - k : j;
          double sr = 0, sg = 0, sb = 0, s2 = 0;
          int cnt = 0;
          for (int v = y0; v <= y0 + k; v++)
            for (int u = x0; u <= x0 + k; u++) {
              int p = px[Math.min(n - 1, Math.max(0, v)) * n + Math.min(n - 1, Math.max(0, u))];
              double R = p >> 16 & 255, G = p >> 8 & 255, B = p & 255;
              sr += R;
              sg += G;
              sb += B;
              s2 += R * R + G * G + B * B;
              cnt++;
            }
          double var = s2 / cnt - (sr * sr + sg * sg + sb * sb) / ((double) cnt * cnt);
          if (var < best) {
            best = var;
            double R = sr / cnt,
                G = sg / cnt,
                B = sb / cnt,
                m = (R + G + B) / 3,
                w = 0.5 + 0.5 * Math.sin(i * 0.55 + j * 0.9 + Math.sin(j * 0.35) * 2);
            double t = 1.35, l = 10 * (w - 0.5);
            rgb =
                clamp(m + (R - m) * t + l) << 16
                    | clamp(m + (G - m) * t + l) << 8
                    | clamp(m + (B - m) * t + l);
          }
        }
        out.setRGB(i, j, rgb);
      }
    return out;
  }

  private static int clamp(double v) {
    return (int) Math.max(0, Math.min(255, Math.round(v)));
  }
}
