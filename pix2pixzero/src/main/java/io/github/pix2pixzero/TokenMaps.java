package io.github.pix2pixzero;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.PromptRow;

/** Averages what the tokens of a prompt look at, over all sites and steps of a run. */
final class TokenMaps implements AttentionControl {
  private final int width;
  private final int height;
  private double[][] sums;
  private int count;

  /**
   * @param width of the latent
   * @param height of the latent
   */
  TokenMaps(int width, int height) {
    this.width = width;
    this.height = height;
  }

  @Override
  public boolean wants(AttentionSite site) {
    return site.isCross();
  }

  /** Of a guidance batch the row of the negative prompt does not count. */
  @Override
  public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
    int row = rows.get(0) == PromptRow.NEGATIVE ? rows.size() - 1 : 0;
    int heads = probs.dim(1);
    int pixels = probs.dim(2);
    int tokens = probs.dim(3);
    float[] values = probs.slice(0, row, row + 1).toFloats();
    int siteWidth = (width + site.downscale() - 1) / site.downscale();
    int siteHeight = pixels / siteWidth;
    if (sums == null) {
      sums = new double[tokens][width * height];
    }
    float[] mean = new float[pixels];
    for (int token = 0; token < tokens; token++) {
      for (int pixel = 0; pixel < pixels; pixel++) {
        float sum = 0;
        for (int head = 0; head < heads; head++) {
          sum += values[(head * pixels + pixel) * tokens + token];
        }
        mean[pixel] = sum / heads;
      }
      addScaled(mean, siteWidth, siteHeight, sums[token]);
    }
    count++;
    return probs;
  }

  /** Adds a map, scaled bilinearly to the size of the latent. */
  private void addScaled(float[] map, int fromWidth, int fromHeight, double[] sum) {
    for (int y = 0; y < height; y++) {
      double fromY = Math.max(0, (y + 0.5) * fromHeight / height - 0.5);
      int top = Math.min((int) fromY, fromHeight - 1);
      int bottom = Math.min(top + 1, fromHeight - 1);
      double down = fromY - top;
      for (int x = 0; x < width; x++) {
        double fromX = Math.max(0, (x + 0.5) * fromWidth / width - 0.5);
        int left = Math.min((int) fromX, fromWidth - 1);
        int right = Math.min(left + 1, fromWidth - 1);
        double across = fromX - left;
        sum[y * width + x] +=
            (1 - down)
                    * ((1 - across) * map[top * fromWidth + left]
                        + across * map[top * fromWidth + right])
                + down
                    * ((1 - across) * map[bottom * fromWidth + left]
                        + across * map[bottom * fromWidth + right]);
      }
    }
  }

  /** The means, [tokens][height · width]. */
  float[][] means() {
    float[][] means = new float[sums.length][width * height];
    for (int token = 0; token < means.length; token++) {
      for (int pixel = 0; pixel < width * height; pixel++) {
        means[token][pixel] = (float) (sums[token][pixel] / count);
      }
    }
    return means;
  }
}
