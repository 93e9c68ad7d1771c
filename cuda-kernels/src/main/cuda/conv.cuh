// Convolution over channels-last data as a matrix product whose left matrix is never stored: output
// [pixels, outChannels] = windows [pixels, kernel * kernel * inChannels] * weight. The gradients are such
// products too.
#pragma once

#include "gemm.cuh"

struct Conv {
  int pixels;     // of the output
  int inPixels;
  int height;
  int width;
  int stride;
  int padTop;
  int padLeft;
  int taps;       // kernel * kernel
  Divisor kernel;
  Divisor inChannels;
  Divisor outChannels;
  Divisor outHeight;
  Divisor outWidth;
  Divisor inHeight;
  Divisor inWidth;
  Divisor strideOf;
  Grid grid;
};

// A pixel of a picture; picture < 0 where there is none.
struct Pixel {
  int picture;
  int y;
  int x;
};

__device__ __forceinline__ Pixel pixelOf(int index, int pixels, const Divisor& height, const Divisor& width) {
  if (index >= pixels) {
    return Pixel{-1, 0, 0};
  }
  int row = width.quotient(index);
  int picture = height.quotient(row);
  return Pixel{picture, row - picture * height.divisor, index - row * width.divisor};
}

// Splits a depth (ky, kx, channel).
__device__ __forceinline__ void tapOf(int depth, const Conv& s, const Divisor& channels, int& ky, int& kx, int& c) {
  int tap = channels.quotient(depth);
  c = depth - tap * channels.divisor;
  ky = s.kernel.quotient(tap);
  kx = tap - ky * s.kernel.divisor;
}

// Four neighbouring depths (tap, channel), of which element(row, depth) gives each; where a quad lies
// within one tap, start(row, ky, kx) gives the pixel's channels, or null for zeros.
template <class Loader, class Row>
__device__ __forceinline__ float4 quadOfTaps(
    const Loader& loader, const Conv& s, const Divisor& channels, const Row& row, int depth, int end, bool aligned) {
  if (depth >= end) {
    return zeros();
  }
  int ky, kx, c;
  tapOf(depth, s, channels, ky, kx, c);
  const float* p = loader.start(row, ky, kx);
  if (c + 4 <= channels.divisor) {
    return p == nullptr ? zeros() : loadQuad(p + c, 4, aligned);
  }
  float values[4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    values[i] = p == nullptr || depth + i >= end ? 0.f : p[c];
    if (++c == channels.divisor) {
      c = 0;
      if (++kx == s.kernel.divisor) {
        kx = 0;
        ky++;
      }
      p = depth + i + 1 < end ? loader.start(row, ky, kx) : nullptr;
    }
  }
  return make_float4(values[0], values[1], values[2], values[3]);
}

// Row: a pixel of the output; depth: (ky, kx, input channel).
struct Windows {
  static constexpr bool ALONG_DEPTH = true;
  using Row = Pixel;
  const Conv& s;
  const float* x;
  bool aligned;

  __device__ Windows(const Conv& s, const float* x)
      : s(s), x(x), aligned(isAligned16(x) && s.inChannels.divisor % 4 == 0) {}

  __device__ __forceinline__ Row row(int row) const {
    Pixel p = pixelOf(row, s.pixels, s.outHeight, s.outWidth);
    return Pixel{p.picture, p.y * s.stride - s.padTop, p.x * s.stride - s.padLeft};
  }

  __device__ __forceinline__ const float* start(const Pixel& p, int ky, int kx) const {
    int y = p.y + ky;
    int xx = p.x + kx;
    if (p.picture < 0 || y < 0 || y >= s.height || xx < 0 || xx >= s.width) {
      return nullptr;
    }
    return x + ((p.picture * s.height + y) * s.width + xx) * s.inChannels.divisor;
  }

  __device__ __forceinline__ float4 quad(const Row& row, int depth) const {
    return quadOfTaps(*this, s, s.inChannels, row, depth, s.taps * s.inChannels.divisor, aligned);
  }
};

// Row: a pixel of the input; depth: (ky, kx, output channel). What reached an input pixel through a tap.
struct WindowsBack {
  static constexpr bool ALONG_DEPTH = true;
  using Row = Pixel;
  const Conv& s;
  const float* gradOut;
  bool aligned;

  __device__ WindowsBack(const Conv& s, const float* gradOut)
      : s(s), gradOut(gradOut), aligned(isAligned16(gradOut) && s.outChannels.divisor % 4 == 0) {}

  __device__ __forceinline__ Row row(int row) const {
    Pixel p = pixelOf(row, s.inPixels, s.inHeight, s.inWidth);
    return Pixel{p.picture, p.y + s.padTop, p.x + s.padLeft};
  }

  __device__ __forceinline__ const float* start(const Pixel& p, int ky, int kx) const {
    int y = p.y - ky;
    int x = p.x - kx;
    if (p.picture < 0 || y < 0 || x < 0) {
      return nullptr;
    }
    int outY = s.strideOf.quotient(y);
    int outX = s.strideOf.quotient(x);
    if (outY * s.stride != y || outX * s.stride != x || outY >= s.outHeight.divisor || outX >= s.outWidth.divisor) {
      return nullptr;
    }
    int pixel = (p.picture * s.outHeight.divisor + outY) * s.outWidth.divisor + outX;
    return gradOut + pixel * s.outChannels.divisor;
  }

  __device__ __forceinline__ float4 quad(const Row& row, int depth) const {
    return quadOfTaps(*this, s, s.outChannels, row, depth, s.taps * s.outChannels.divisor, aligned);
  }
};

// The weight turned: row: input channel; depth: (ky, kx, output channel).
struct WeightBack {
  static constexpr bool ALONG_DEPTH = true;
  using Row = int;
  const Conv& s;
  const float* weight;
  bool aligned;

  __device__ WeightBack(const Conv& s, const float* weight)
      : s(s), weight(weight), aligned(isAligned16(weight) && s.outChannels.divisor % 4 == 0) {}

  __device__ __forceinline__ Row row(int row) const { return row; }

  __device__ __forceinline__ const float* start(int row, int ky, int kx) const {
    if (row >= s.inChannels.divisor) {
      return nullptr;
    }
    int tap = ky * s.kernel.divisor + kx;
    return weight + (tap * s.inChannels.divisor + row) * s.outChannels.divisor;
  }

  __device__ __forceinline__ float4 quad(Row row, int depth) const {
    return quadOfTaps(*this, s, s.outChannels, row, depth, s.taps * s.outChannels.divisor, aligned);
  }
};

// The windows turned: row: (ky, kx, input channel); depth: a pixel of the output.
struct WindowsTurned {
  static constexpr bool ALONG_DEPTH = false;
  struct Row {
    int index;
    int ky;
    int kx;
    int c;
  };
  Windows windows;

  __device__ WindowsTurned(const Conv& s, const float* x) : windows(s, x) {}

  __device__ __forceinline__ Row row(int row) const {
    Row r;
    r.index = row;
    tapOf(row, windows.s, windows.s.inChannels, r.ky, r.kx, r.c);
    return r;
  }

  __device__ __forceinline__ float4 quad(const Row& row, int depth) const {
    const Conv& s = windows.s;
    int end = s.taps * s.inChannels.divisor;
    if (row.index >= end) {
      return zeros();
    }
    Pixel pixel = windows.row(depth);
    if (row.c + 4 <= s.inChannels.divisor) {
      const float* p = windows.start(pixel, row.ky, row.kx);
      return p == nullptr ? zeros() : loadQuad(p + row.c, 4, windows.aligned);
    }
    return quadOfTaps(windows, s, s.inChannels, pixel, row.index, end, windows.aligned);
  }
};

__device__ __forceinline__ Matrix convOut(
    float* out, float* parts, int split, int rows, int columns, const float* bias) {
  return parts == nullptr ? Matrix(out, rows, columns, columns, 1.f, bias)
                          : Matrix(parts + split * rows * columns, rows, columns, columns, 1.f, nullptr);
}

// parts is null, or where the sums of the splits go, [splits, ...].
template <class Math, class A, class B>
__device__ __forceinline__ void convolve(
    const Conv& s, const A& a, const B& b, int rows, int columns, int depth, const float* bias, float* out, float* parts) {
  int rowTile, columnTile, split, product;
  s.grid.decode(rowTile, columnTile, split, product);
  int from = split * s.grid.splitDepth;
  int to = min(depth, from + s.grid.splitDepth);
  Matrix result = convOut(out, parts, split, rows, columns, bias);
  multiply<Math>(a, b, result, rowTile * Math::ROWS, columnTile * Math::COLUMNS, from, to);
}

#define CONVOLUTIONS(suffix, Math)                                                                            \
  extern "C" __global__ void __launch_bounds__(Math::THREADS) conv2d_##suffix(                                \
      Conv s, const float* x, const float* weight, const float* bias, float* out, float* parts) {             \
    int depth = s.taps * s.inChannels.divisor;                                                                \
    int columns = s.outChannels.divisor;                                                                      \
    Windows a(s, x);                                                                                          \
    AlongRows b(weight, columns, depth, columns);                                                             \
    convolve<Math>(s, a, b, s.pixels, columns, depth, bias, out, parts);                                      \
  }                                                                                                           \
  EXPORT(conv2d_##suffix)                                                                                     \
  extern "C" __global__ void __launch_bounds__(Math::THREADS) conv2d_input_gradient_##suffix(                 \
      Conv s, const float* gradOut, const float* weight, float* gradX, float* parts) {                        \
    int depth = s.taps * s.outChannels.divisor;                                                               \
    WindowsBack a(s, gradOut);                                                                                \
    WeightBack b(s, weight);                                                                                  \
    convolve<Math>(s, a, b, s.inPixels, s.inChannels.divisor, depth, nullptr, gradX, parts);                  \
  }                                                                                                           \
  EXPORT(conv2d_input_gradient_##suffix)                                                                      \
  extern "C" __global__ void __launch_bounds__(Math::THREADS) conv2d_weight_gradient_##suffix(                \
      Conv s, const float* x, const float* gradOut, float* gradWeight, float* parts) {                        \
    int columns = s.outChannels.divisor;                                                                      \
    WindowsTurned a(s, x);                                                                                    \
    AlongRows b(gradOut, columns, s.pixels, columns);                                                         \
    convolve<Math>(                                                                                           \
        s, a, b, s.taps * s.inChannels.divisor, columns, s.pixels, nullptr, gradWeight, parts);               \
  }                                                                                                           \
  EXPORT(conv2d_weight_gradient_##suffix)
