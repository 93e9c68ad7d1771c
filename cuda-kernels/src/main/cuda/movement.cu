// Kernels that move elements: rows of a table, nearest upsampling.
#include "common.cuh"

constexpr int ROWS = 512;

struct RowNumbers {
  int at[ROWS];
};

extern "C" __global__ void gather(
    int size, Divisor width, const __grid_constant__ RowNumbers rows, const float* table, float* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int row = width.quotient(i);
    out[i] = table[rows.at[row] * width.divisor + i - row * width.divisor];
  }
}
EXPORT(gather)

// Pictures [batch, height, width, channels], of which every pixel becomes factor x factor pixels.
struct Enlargement {
  Divisor channels;
  Divisor outWidth;
  Divisor outHeight;
  Divisor factor;
};

extern "C" __global__ void upsample_nearest(int size, Enlargement e, const float* x, float* out) {
  int height = e.factor.quotient(e.outHeight.divisor);
  int width = e.factor.quotient(e.outWidth.divisor);
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int pixel = e.channels.quotient(i);
    int row = e.outWidth.quotient(pixel);
    int picture = e.outHeight.quotient(row);
    int sourceX = e.factor.quotient(pixel - row * e.outWidth.divisor);
    int sourceY = e.factor.quotient(row - picture * e.outHeight.divisor);
    int source = (picture * height + sourceY) * width + sourceX;
    out[i] = x[source * e.channels.divisor + i - pixel * e.channels.divisor];
  }
}
EXPORT(upsample_nearest)

// width and height are those of the small pictures.
extern "C" __global__ void upsample_nearest_backward(
    int size, Divisor channels, Divisor width, int factor, const float* gradOut, float* gradX) {
  int outWidth = width.divisor * factor;
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int pixel = channels.quotient(i);
    int channel = i - pixel * channels.divisor;
    int row = width.quotient(pixel);
    int corner = row * factor * outWidth + (pixel - row * width.divisor) * factor;
    float sum = 0.f;
    for (int y = 0; y < factor; y++) {
      for (int x = 0; x < factor; x++) {
        sum += gradOut[(corner + y * outWidth + x) * channels.divisor + channel];
      }
    }
    gradX[i] = sum;
  }
}
EXPORT(upsample_nearest_backward)
