package io.github.pix2pixzero;

import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.BilinearResize;
import java.awt.image.BufferedImage;
import java.util.function.Function;

/**
 * Previews of one run. Between those that are decoded they are estimated: the last decoded picture,
 * and what the latent has changed since, as colours. A latent's channels are close to linear in the
 * colours of the square of pixels that they stand for, so that the map from one to the other is
 * fitted to the decoded picture by least squares.
 */
final class PreviewDecoder {
  private static final double RIDGE = 1e-3;

  private final Function<Tensor, BufferedImage> decoder;
  private final int decodeEvery;
  private int decodedAt;
  private float[] decodedLatent;
  private BufferedImage decoded;
  private float[] colours;

  /**
   * Creates one.
   *
   * @param decoder from a latent to its picture
   * @param decodeEvery steps from a decoded preview to the next, at least
   */
  PreviewDecoder(Function<Tensor, BufferedImage> decoder, int decodeEvery) {
    this.decoder = decoder;
    this.decodeEvery = decodeEvery;
  }

  /**
   * A preview.
   *
   * @param step after which it is, growing from call to call
   * @param latent [1, channels, height, width]
   */
  BufferedImage preview(int step, Tensor latent) {
    if (decoded != null && step - decodedAt < decodeEvery) {
      return estimated(latent);
    }
    BufferedImage picture = decoder.apply(latent);
    if (decodeEvery > 1) {
      decoded = picture;
      decodedAt = step;
      decodedLatent = latent.toFloats();
      colours = null;
    }
    return picture;
  }

  private BufferedImage estimated(Tensor latent) {
    int channels = latent.dim(1);
    int height = latent.dim(2);
    int width = latent.dim(3);
    try (Scope scope = Scope.open()) {
      Tensor picture = PictureTensors.toTensor(decoded, latent.backend());
      Tensor before = Tensor.of(latent.backend(), decodedLatent, 1, channels, height, width);
      if (colours == null) {
        int factor = picture.dim(2) / height;
        Tensor squares =
            picture.reshape(3, height, factor, width, factor).mean(2, 4).reshape(3, height * width);
        colours = fit(before.reshape(channels, height * width), squares);
      }
      Tensor moved =
          Tensor.of(latent.backend(), colours, 3, channels)
              .matmul(latent.sub(before).reshape(channels, height * width))
              .reshape(1, 3, height, width)
              .toChannelsLast();
      Tensor smooth = BilinearResize.of(moved, picture.dim(2), picture.dim(3), false);
      return PictureTensors.toPicture(picture.add(smooth.toChannelsFirst()));
    }
  }

  /** [3, channels]: what colours change with channels, by least squares. */
  private static float[] fit(Tensor channels, Tensor squares) {
    Tensor x = channels.sub(channels.mean(1).reshape(channels.dim(0), 1));
    Tensor y = squares.sub(squares.mean(1).reshape(3, 1));
    int n = x.dim(0);
    float[] products = x.matmul(x.permute(1, 0)).toFloats();
    float[] wanted = x.matmul(y.permute(1, 0)).toFloats();
    double[][] rows = new double[n][n + 3];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        rows[i][j] = products[i * n + j];
      }
      rows[i][i] += RIDGE * x.dim(1);
      for (int j = 0; j < 3; j++) {
        rows[i][n + j] = wanted[i * 3 + j];
      }
    }
    eliminate(rows);
    float[] solution = new float[3 * n];
    for (int i = 0; i < solution.length; i++) {
      solution[i] = (float) rows[i % n][n + i / n];
    }
    return solution;
  }

  /** Solves symmetric positive definite equations in place, the right sides beside the left. */
  private static void eliminate(double[][] rows) {
    for (int i = 0; i < rows.length; i++) {
      for (int k = 0; k < rows.length; k++) {
        double of = rows[k][i] / rows[i][i];
        for (int j = i; k != i && j < rows[k].length; j++) {
          rows[k][j] -= of * rows[i][j];
        }
      }
      double pivot = rows[i][i];
      for (int j = i; j < rows[i].length; j++) {
        rows[i][j] /= pivot;
      }
    }
  }
}
