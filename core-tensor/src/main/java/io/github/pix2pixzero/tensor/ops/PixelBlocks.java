package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * Square blocks of pixels as the channels of one pixel and back, PyTorch's {@code pixel_unshuffle}
 * and {@code pixel_shuffle}; but channels lie last, and those of a pixel side by side.
 */
public final class PixelBlocks {
  private PixelBlocks() {}

  /**
   * @param x [batch, height, width, channels]
   * @return [batch, height / n, width / n, n · n · channels]; the pixels of a block line by line
   */
  public static Tensor gather(Tensor x, int n) {
    checkArgument(
        x.shape().rank() == 4 && x.dim(1) % n == 0 && x.dim(2) % n == 0,
        "[batch, height, width, channels] %s is not made of blocks of %s × %s",
        x.shape(),
        n,
        n);
    int height = x.dim(1) / n;
    int width = x.dim(2) / n;
    return x.reshape(x.dim(0), height, n, width, n * x.dim(3))
        .permute(0, 1, 3, 2, 4)
        .reshape(x.dim(0), height, width, n * n * x.dim(3));
  }

  /**
   * The inverse of {@link #gather}.
   *
   * @param x [batch, height, width, n · n · channels]
   * @return [batch, height · n, width · n, channels]
   */
  public static Tensor scatter(Tensor x, int n) {
    checkArgument(
        x.shape().rank() == 4 && x.dim(3) % (n * n) == 0,
        "[batch, height, width, channels] %s does not hold blocks of %s × %s",
        x.shape(),
        n,
        n);
    int channels = x.dim(3) / (n * n);
    return x.reshape(x.dim(0), x.dim(1), x.dim(2), n, n * channels)
        .permute(0, 1, 3, 2, 4)
        .reshape(x.dim(0), x.dim(1) * n, x.dim(2) * n, channels);
  }
}
