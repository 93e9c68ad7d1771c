package io.github.pix2pixzero.tensor.backend;

/**
 * Upsampling, filtering with a finite impulse response and downsampling in one (Karras et al.,
 * 2020), each channel of [batch, height, width, channels] by itself: {@code up - 1} zeros are set
 * in after every pixel, zeros are added at the four sides or, where a padding is negative, pixels
 * are cut off, the result is correlated with a filter [filterHeight, filterWidth] and every {@code
 * down}-th pixel is kept.
 *
 * @param flipped the filter is read from its last row and column to its first: a convolution in the
 *     sense of signal processing
 */
public record UpfirdnSpec(
    int batch,
    int height,
    int width,
    int channels,
    int filterHeight,
    int filterWidth,
    int up,
    int down,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight,
    boolean flipped) {

  public int outHeight() {
    return Math.floorDiv(height * up + padTop + padBottom - filterHeight, down) + 1;
  }

  public int outWidth() {
    return Math.floorDiv(width * up + padLeft + padRight - filterWidth, down) + 1;
  }

  /**
   * The spec whose computation is the gradient of this one: up and down change places, the filter
   * turns around, and the paddings are such that the gradient has the input's size.
   */
  public UpfirdnSpec gradient() {
    return new UpfirdnSpec(
        batch,
        outHeight(),
        outWidth(),
        channels,
        filterHeight,
        filterWidth,
        down,
        up,
        filterHeight - padTop - 1,
        filterWidth - padLeft - 1,
        height * up - outHeight() * down + padTop - up + 1,
        width * up - outWidth() * down + padLeft - up + 1,
        !flipped);
  }
}
