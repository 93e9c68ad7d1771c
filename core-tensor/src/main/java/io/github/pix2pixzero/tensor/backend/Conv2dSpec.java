package io.github.pix2pixzero.tensor.backend;

/**
 * A two-dimensional convolution over channels-last data: input [batch, height, width, inChannels],
 * weight [kernel, kernel, inChannels, outChannels], output [batch, outHeight, outWidth,
 * outChannels].
 *
 * <p>Padding is zeros, given for the four sides because the autoencoder of Stable Diffusion pads
 * its downsampling at the bottom and the right only.
 */
public record Conv2dSpec(
    int batch,
    int height,
    int width,
    int inChannels,
    int outChannels,
    int kernel,
    int stride,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight) {

  public int outHeight() {
    return (height + padTop + padBottom - kernel) / stride + 1;
  }

  public int outWidth() {
    return (width + padLeft + padRight - kernel) / stride + 1;
  }

  /** Rows of the output seen as a matrix [batch · outHeight · outWidth, outChannels]. */
  public int outPixels() {
    return batch * outHeight() * outWidth();
  }

  public int inPixels() {
    return batch * height * width;
  }
}
