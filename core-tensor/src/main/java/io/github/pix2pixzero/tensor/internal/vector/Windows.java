package io.github.pix2pixzero.tensor.internal.vector;

import io.github.pix2pixzero.tensor.backend.Conv2dSpec;

/**
 * The windows of a convolution as the rows of a matrix. Pictures are given a border of zeros first,
 * so that no window needs any care; and as channels lie side by side, each line of a window is one
 * contiguous run.
 *
 * @param height of a picture with its border
 * @param width of a picture with its border
 */
record Windows(
    int height, int width, int channels, int outHeight, int outWidth, int kernel, int stride) {

  static Windows of(Conv2dSpec spec) {
    return new Windows(
        spec.height() + spec.padTop() + spec.padBottom(),
        spec.width() + spec.padLeft() + spec.padRight(),
        spec.inChannels(),
        spec.outHeight(),
        spec.outWidth(),
        spec.kernel(),
        spec.stride());
  }

  /** Elements of a picture with its border. */
  int pictureSize() {
    return height * width * channels;
  }

  /** Elements from one line of a window to the next. */
  int lineStride() {
    return width * channels;
  }

  /** Elements of a line of a window. */
  int lineSize() {
    return kernel * channels;
  }

  /** Elements of a window. */
  int depth() {
    return kernel * lineSize();
  }

  /** Where the windows of {@code count} output pixels begin. */
  void starts(int first, int count, int[] starts) {
    int x = first % outWidth;
    int y = first / outWidth % outHeight;
    int picture = first / outWidth / outHeight;
    for (int i = 0; i < count; i++) {
      starts[i] = ((picture * height + y * stride) * width + x * stride) * channels;
      if (++x == outWidth) {
        x = 0;
        if (++y == outHeight) {
          y = 0;
          picture++;
        }
      }
    }
  }
}
