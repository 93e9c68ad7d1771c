// Kernels that move elements: rows of a table, nearest upsampling, resampling by a filter.
#include "common.cuh"

constexpr int ROWS = 512;

struct RowNumbers {
  int at[ROWS];
};

extern "C" __global__ void gather(
    int size, Divisor width, const __grid_constant__ RowNumbers rows, const Element* table, Element* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int row = width.quotient(i);
    out[i] = table[rows.at[row] * width.divisor + i - row * width.divisor];
  }
}
EXPORT(gather)

// One thread a column, which adds the rows in their order.
extern "C" __global__ void scatter_add(
    int count, int width, const __grid_constant__ RowNumbers rows, const Element* source, Element* target) {
  for (int i = gridThread(); i < width; i += gridThreads()) {
    for (int row = 0; row < count; row++) {
      Element* to = target + rows.at[row] * width + i;
      *to = *to + source[row * width + i];
    }
  }
}
EXPORT(scatter_add)

// io.github.pix2pixzero.tensor.backend.UpfirdnSpec.
struct Upfirdn {
  Divisor channels;  // in chunks of as many as a thread takes
  Divisor outWidth;
  Divisor outHeight;
  Divisor up;
  int height;
  int width;
  int filterHeight;
  int filterWidth;
  int down;
  int padTop;
  int padLeft;
  int flipped;
};

// Of the taps that meet pixels and not zeros set in between: the first, and where it meets a pixel.
__device__ __forceinline__ int firstTap(const Divisor& up, int edge, int& pixel) {
  // edge may be negative, by less than 2^15 steps.
  int shifted = edge + up.divisor * (1 << 15);
  int tap = up.quotient(shifted + up.divisor - 1) * up.divisor - shifted;
  pixel = up.quotient(shifted + tap) - (1 << 15);
  return tap;
}

// A thread takes N neighbouring channels at a time.
template <int N>
__device__ __forceinline__ void resample(
    int size, const Upfirdn& s, const Pack<Element, N>* x, const Element* filter, Pack<Element, N>* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int pixel = s.channels.quotient(i);
    int channel = i - pixel * s.channels.divisor;
    int row = s.outWidth.quotient(pixel);
    int picture = s.outHeight.quotient(row);
    int firstY, firstX;
    int firstTapY = firstTap(s.up, (row - picture * s.outHeight.divisor) * s.down - s.padTop, firstY);
    int firstTapX = firstTap(s.up, (pixel - row * s.outWidth.divisor) * s.down - s.padLeft, firstX);
    float sums[N];
#pragma unroll
    for (int j = 0; j < N; j++) {
      sums[j] = 0.f;
    }
    for (int tapY = firstTapY, y = firstY; tapY < s.filterHeight; tapY += s.up.divisor, y++) {
      if (y < 0 || y >= s.height) {
        continue;
      }
      const Pack<Element, N>* line = x + (picture * s.height + y) * s.width * s.channels.divisor + channel;
      for (int tapX = firstTapX, column = firstX; tapX < s.filterWidth; tapX += s.up.divisor, column++) {
        if (column >= 0 && column < s.width) {
          int tap = tapY * s.filterWidth + tapX;
          int at = s.flipped ? s.filterHeight * s.filterWidth - 1 - tap : tap;
          float factor = filter[at];
          Pack<Element, N> pixel = line[column * s.channels.divisor];
#pragma unroll
          for (int j = 0; j < N; j++) {
            sums[j] += factor * pixel.at[j];
          }
        }
      }
    }
    Pack<Element, N> result;
#pragma unroll
    for (int j = 0; j < N; j++) {
      result.at[j] = sums[j];
    }
    out[i] = result;
  }
}

using Single = Pack<Element, 1>;

extern "C" __global__ void upfirdn(
    int size, Upfirdn s, const Single* x, const Element* filter, Single* out) {
  resample<1>(size, s, x, filter, out);
}
EXPORT(upfirdn)

extern "C" __global__ void upfirdn_packed(
    int size, Upfirdn s, const Elements* x, const Element* filter, Elements* out) {
  resample<PACKED>(size, s, x, filter, out);
}
EXPORT(upfirdn_packed)

// Pictures [batch, height, width, channels], of which every pixel becomes factor x factor pixels.
struct Enlargement {
  Divisor channels;
  Divisor outWidth;
  Divisor outHeight;
  Divisor factor;
};

extern "C" __global__ void upsample_nearest(int size, Enlargement e, const Element* x, Element* out) {
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
    int size, Divisor channels, Divisor width, int factor, const Element* gradOut, Element* gradX) {
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
