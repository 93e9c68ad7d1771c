package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionSite;
import java.awt.image.BufferedImage;

/**
 * A loss that looks at a part of the picture only: outside a mask the edited maps count as the
 * reference's own, so that nothing pulls there.
 *
 * <p>The mask covers the whole picture at any resolution; at each site a token counts by the share
 * of the mask that it covers.
 */
public final class MaskedLoss implements GuidanceLoss {
  private final GuidanceLoss loss;
  private final float[] mask;
  private final int height;
  private final int width;
  private final int latentHeight;
  private final int latentWidth;

  /**
   * @param mask weights from 0 to 1 row by row, [height, width]
   * @param latentHeight of the latent that is guided
   * @param latentWidth of the latent that is guided
   */
  public MaskedLoss(
      GuidanceLoss loss, float[] mask, int height, int width, int latentHeight, int latentWidth) {
    checkArgument(
        height > 0 && width > 0 && mask.length == height * width,
        "a mask of %s x %s does not have %s values",
        height,
        width,
        mask.length);
    for (float value : mask) {
      checkArgument(value >= 0 && value <= 1, "a mask is of values from 0 to 1, not %s", value);
    }
    this.loss = loss;
    this.mask = mask.clone();
    this.height = height;
    this.width = width;
    this.latentHeight = latentHeight;
    this.latentWidth = latentWidth;
  }

  /**
   * Restricts a loss to the light parts of a picture.
   *
   * @param picture white: counts; black: does not
   */
  public static MaskedLoss of(
      GuidanceLoss loss, BufferedImage picture, int latentHeight, int latentWidth) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    float[] mask = new float[height * width];
    for (int i = 0; i < mask.length; i++) {
      int rgb = picture.getRGB(i % width, i / width);
      mask[i] = ((rgb >> 16 & 0xff) + (rgb >> 8 & 0xff) + (rgb & 0xff)) / (3 * 255f);
    }
    return new MaskedLoss(loss, mask, height, width, latentHeight, latentWidth);
  }

  @Override
  public boolean wants(AttentionSite site) {
    return loss.wants(site);
  }

  @Override
  public Tensor term(AttentionSite site, Tensor edited, Tensor reference) {
    int rows = ceilDiv(latentHeight, site.downscale());
    int columns = ceilDiv(latentWidth, site.downscale());
    checkArgument(
        rows * columns == edited.dim(2),
        "the mask is for a latent of %s x %s, %s has %s tokens there",
        latentHeight,
        latentWidth,
        site.name(),
        edited.dim(2));
    Tensor weights = Tensor.of(edited.backend(), scaled(rows, columns), 1, 1, rows * columns, 1);
    // The root, so that a squared distance is weighted by the mask itself.
    return loss.term(site, reference.add(edited.sub(reference).mul(weights.sqrt())), reference);
  }

  private static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }

  /** Mean of the mask over the pixels that each token covers. */
  private float[] scaled(int rows, int columns) {
    float[] result = new float[rows * columns];
    for (int row = 0; row < rows; row++) {
      int top = row * height / rows;
      int bottom = Math.max(top + 1, (row + 1) * height / rows);
      for (int column = 0; column < columns; column++) {
        int left = column * width / columns;
        int right = Math.max(left + 1, (column + 1) * width / columns);
        float sum = 0;
        for (int y = top; y < bottom; y++) {
          for (int x = left; x < right; x++) {
            sum += mask[y * width + x];
          }
        }
        result[row * columns + column] = sum / ((bottom - top) * (right - left));
      }
    }
    return result;
  }
}
