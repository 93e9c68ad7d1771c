package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;

/**
 * Pictures resized by bilinear interpolation, without smoothing when they shrink. As interpolation
 * is linear and separable it is two products with matrices of at most two entries a row. Agrees
 * with PyTorch's {@code interpolate} in its mode {@code bilinear}.
 */
public final class BilinearResize {
  private BilinearResize() {}

  /**
   * @param x [batch, height, width, channels]
   * @param alignCorners whether the centres of the corner pixels coincide, instead of the corners
   *     of the pictures
   * @return [batch, outHeight, outWidth, channels]
   */
  public static Tensor of(Tensor x, int outHeight, int outWidth, boolean alignCorners) {
    checkArgument(
        x.shape().rank() == 4 && outHeight > 0 && outWidth > 0,
        "[batch, height, width, channels] %s does not resize to %s x %s",
        x.shape(),
        outHeight,
        outWidth);
    int batch = x.dim(0);
    int height = x.dim(1);
    int width = x.dim(2);
    int channels = x.dim(3);
    Tensor tall = x;
    if (outHeight != height) {
      Tensor lines = x.reshape(batch, height, width * channels);
      tall = matrix(x.backend(), height, outHeight, alignCorners).matmul(lines);
    }
    if (outWidth == width) {
      return tall.reshape(batch, outHeight, width, channels);
    }
    Tensor pixels = tall.reshape(batch * outHeight, width, channels);
    return matrix(x.backend(), width, outWidth, alignCorners)
        .matmul(pixels)
        .reshape(batch, outHeight, outWidth, channels);
  }

  /** [out, in]: how much of each input a resized axis takes. */
  private static Tensor matrix(Backend backend, int in, int out, boolean alignCorners) {
    float[] matrix = new float[out * in];
    for (int i = 0; i < out; i++) {
      double at =
          alignCorners
              ? (out == 1 ? 0 : i * (in - 1.0) / (out - 1))
              : Math.max(0, (i + 0.5) * in / out - 0.5);
      int left = (int) at;
      int right = Math.min(left + 1, in - 1);
      matrix[i * in + left] += (float) (1 - (at - left));
      matrix[i * in + right] += (float) (at - left);
    }
    return Tensor.of(backend, matrix, out, in);
  }
}
