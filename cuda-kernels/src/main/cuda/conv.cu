// Convolution over channels-last data as a matrix product whose left matrix is never stored: output
// [pixels, outChannels] = windows [pixels, kernel * kernel * inChannels] * weight. The gradients are such
// products too. Modulated convolutions compute each picture by itself, as one of several products.
#include "arithmetic.cuh"

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

// A chunk of neighbouring depths (tap, channel), which may begin in one tap and end in the next;
// start(row, ky, kx) gives a pixel's channels, or null for zeros.
template <class Loader, class Row>
__device__ __forceinline__ Elements gatherTaps(
    const Loader& loader, const Conv& s, const Divisor& channels, const Row& row, int depth) {
  Elements chunk = noElements();
  int end = s.taps * channels.divisor;
  if (depth >= end) {
    return chunk;
  }
  int ky, kx, c;
  tapOf(depth, s, channels, ky, kx, c);
  const Element* p = loader.start(row, ky, kx);
#pragma unroll
  for (int i = 0; i < PACKED; i++) {
    if (p != nullptr) {
      chunk.at[i] = p[c];
    }
    if (++c == channels.divisor) {
      c = 0;
      if (++kx == s.kernel.divisor) {
        kx = 0;
        ky++;
      }
      p = depth + i + 1 < end ? loader.start(row, ky, kx) : nullptr;
    }
  }
  return chunk;
}

// The same where a chunk lies within one tap.
template <class Loader, class Row>
__device__ __forceinline__ const Element* atTap(
    const Loader& loader, const Conv& s, const Divisor& channels, const Row& row, int depth) {
  if (depth >= s.taps * channels.divisor) {
    return nullptr;
  }
  int ky, kx, c;
  tapOf(depth, s, channels, ky, kx, c);
  const Element* p = loader.start(row, ky, kx);
  return p == nullptr ? nullptr : p + c;
}

// Row: a pixel of the output; depth: (ky, kx, input channel).
struct Windows {
  static constexpr bool ALONG_DEPTH = true;
  using Row = Pixel;
  const Conv& s;
  const Element* x;
  bool whole;

  __device__ Windows(const Conv& s, const Element* x)
      : s(s), x(x), whole(isWhole(x, s.inChannels.divisor, s.inChannels.divisor)) {}

  __device__ __forceinline__ Row row(int row) const {
    Pixel p = pixelOf(row, s.pixels, s.outHeight, s.outWidth);
    return Pixel{p.picture, p.y * s.stride - s.padTop, p.x * s.stride - s.padLeft};
  }

  __device__ __forceinline__ const Element* start(const Pixel& p, int ky, int kx) const {
    int y = p.y + ky;
    int xx = p.x + kx;
    if (p.picture < 0 || y < 0 || y >= s.height || xx < 0 || xx >= s.width) {
      return nullptr;
    }
    return x + ((p.picture * s.height + y) * s.width + xx) * s.inChannels.divisor;
  }

  __device__ __forceinline__ const Element* at(const Row& row, int depth) const {
    return atTap(*this, s, s.inChannels, row, depth);
  }

  __device__ __forceinline__ Elements gather(const Row& row, int depth) const {
    return gatherTaps(*this, s, s.inChannels, row, depth);
  }
};

// Row: a pixel of the input; depth: (ky, kx, output channel). What reached an input pixel through a tap.
struct WindowsBack {
  static constexpr bool ALONG_DEPTH = true;
  using Row = Pixel;
  const Conv& s;
  const Element* gradOut;
  bool whole;

  __device__ WindowsBack(const Conv& s, const Element* gradOut)
      : s(s), gradOut(gradOut), whole(isWhole(gradOut, s.outChannels.divisor, s.outChannels.divisor)) {}

  __device__ __forceinline__ Row row(int row) const {
    Pixel p = pixelOf(row, s.inPixels, s.inHeight, s.inWidth);
    return Pixel{p.picture, p.y + s.padTop, p.x + s.padLeft};
  }

  __device__ __forceinline__ const Element* start(const Pixel& p, int ky, int kx) const {
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

  __device__ __forceinline__ const Element* at(const Row& row, int depth) const {
    return atTap(*this, s, s.outChannels, row, depth);
  }

  __device__ __forceinline__ Elements gather(const Row& row, int depth) const {
    return gatherTaps(*this, s, s.outChannels, row, depth);
  }
};

// The weight turned: row: input channel; depth: (ky, kx, output channel).
struct WeightBack {
  static constexpr bool ALONG_DEPTH = true;
  using Row = int;
  const Conv& s;
  const Element* weight;
  bool whole;

  __device__ WeightBack(const Conv& s, const Element* weight)
      : s(s), weight(weight), whole(isWhole(weight, s.outChannels.divisor, s.outChannels.divisor)) {}

  __device__ __forceinline__ Row row(int row) const { return row; }

  __device__ __forceinline__ const Element* start(int row, int ky, int kx) const {
    if (row >= s.inChannels.divisor) {
      return nullptr;
    }
    int tap = ky * s.kernel.divisor + kx;
    return weight + (tap * s.inChannels.divisor + row) * s.outChannels.divisor;
  }

  __device__ __forceinline__ const Element* at(Row row, int depth) const {
    return atTap(*this, s, s.outChannels, row, depth);
  }

  __device__ __forceinline__ Elements gather(Row row, int depth) const {
    return gatherTaps(*this, s, s.outChannels, row, depth);
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
  bool whole;

  __device__ WindowsTurned(const Conv& s, const Element* x) : windows(s, x), whole(windows.whole) {}

  __device__ __forceinline__ Row row(int row) const {
    Row r;
    r.index = row;
    tapOf(row, windows.s, windows.s.inChannels, r.ky, r.kx, r.c);
    return r;
  }

  __device__ __forceinline__ const Element* at(const Row& row, int depth) const {
    if (row.index >= windows.s.taps * windows.s.inChannels.divisor) {
      return nullptr;
    }
    const Element* p = windows.start(windows.row(depth), row.ky, row.kx);
    return p == nullptr ? nullptr : p + row.c;
  }

  __device__ __forceinline__ Elements gather(const Row& row, int depth) const {
    return gatherTaps(windows, windows.s, windows.s.inChannels, windows.row(depth), row.index);
  }
};

// Windows of pictures whose channels are multiplied by factors, [channels].
template <class Of>
struct Modulated : Of {
  const Element* scales;
  const Divisor& channels;

  __device__ Modulated(const Conv& s, const Element* x, const Element* scales, const Divisor& channels)
      : Of(s, x), scales(scales), channels(channels) {}

  __device__ __forceinline__ Elements gather(const typename Of::Row& row, int depth) const {
    Elements chunk = Of::gather(row, depth);
    int c = channels.remainder(depth);
#pragma unroll
    for (int i = 0; i < PACKED; i++) {
      chunk.at[i] = chunk.at[i] * scales[c];
      c = c + 1 == channels.divisor ? 0 : c + 1;
    }
    return chunk;
  }

  // Of a whole chunk.
  __device__ __forceinline__ void multiply(Elements& chunk, int depth) const {
    Elements factors = *reinterpret_cast<const Elements*>(scales + channels.remainder(depth));
#pragma unroll
    for (int i = 0; i < PACKED; i++) {
      chunk.at[i] = chunk.at[i] * factors.at[i];
    }
  }

  // Those of two neighbouring depths of a whole chunk, of 16 bits each.
  __device__ __forceinline__ unsigned factors(int depth) const {
    return *reinterpret_cast<const unsigned*>(scales + channels.remainder(depth));
  }
};

template <class Of>
constexpr bool IS_MODULATED<Modulated<Of>> = true;

// parts is null, or where the sums of the splits go, [pictures, splits, ...]. Where pictures are computed one by
// one, scales belongs to the block's.
template <class Tile, class A, class B>
__device__ __forceinline__ void convolve(
    const Conv& s, const A& a, const B& b, int rows, int columns, int depth, const Element* bias,
    const Element* addend, const Element* scales, Element* out, float* parts) {
  int rowTile, columnTile, split, product;
  s.grid.decode(rowTile, columnTile, split, product);
  int from = split * s.grid.splitDepth;
  int to = min(depth, from + s.grid.splitDepth);
  float* part = parts == nullptr ? nullptr : parts + (product * s.grid.splits.divisor + split) * rows * columns;
  Matrix result(out + product * rows * columns, part, rows, columns, columns, 1.f, bias, addend, scales);
  multiply<Tile>(a, b, result, rowTile * Tile::ROWS, columnTile * Tile::COLUMNS, from, to);
}

#define CONVOLUTIONS(size, Tile)                                                                            \
  extern "C" __global__ void __launch_bounds__(Tile::THREADS) conv2d_##size(                                \
      Conv s, const Element* x, const Element* weight, const Element* bias, const Element* addend, Element* out, \
      float* parts) {                                                                                         \
    int depth = s.taps * s.inChannels.divisor;                                                                \
    int columns = s.outChannels.divisor;                                                                      \
    Windows a(s, x);                                                                                          \
    AlongRows b(weight, columns, depth, columns);                                                             \
    convolve<Tile>(s, a, b, s.pixels, columns, depth, bias, addend, nullptr, out, parts);                     \
  }                                                                                                           \
  EXPORT(conv2d_##size)                                                                                     \
  extern "C" __global__ void __launch_bounds__(Tile::THREADS) conv2d_input_gradient_##size(                 \
      Conv s, const Element* gradOut, const Element* weight, Element* gradX, float* parts) {                        \
    int depth = s.taps * s.outChannels.divisor;                                                               \
    WindowsBack a(s, gradOut);                                                                                \
    WeightBack b(s, weight);                                                                                  \
    int columns = s.inChannels.divisor;                                                                       \
    convolve<Tile>(s, a, b, s.inPixels, columns, depth, nullptr, nullptr, nullptr, gradX, parts);             \
  }                                                                                                           \
  EXPORT(conv2d_input_gradient_##size)                                                                      \
  extern "C" __global__ void __launch_bounds__(Tile::THREADS) conv2d_weight_gradient_##size(                \
      Conv s, const Element* x, const Element* gradOut, Element* gradWeight, float* parts) {                        \
    int columns = s.outChannels.divisor;                                                                      \
    WindowsTurned a(s, x);                                                                                    \
    AlongRows b(gradOut, columns, s.pixels, columns);                                                         \
    convolve<Tile>(                                                                                           \
        s, a, b, s.taps * s.inChannels.divisor, columns, s.pixels, nullptr, nullptr, nullptr, gradWeight,     \
        parts);                                                                                               \
  }                                                                                                           \
  EXPORT(conv2d_weight_gradient_##size)

#define MODULATED_CONVOLUTIONS(size, Tile)                                                                  \
  extern "C" __global__ void __launch_bounds__(Tile::THREADS) modulated_conv2d_##size(                        \
      Conv s, const Element* x, const Element* before, const Element* weight, const Element* after,           \
      Element* out, float* parts) {                                                                           \
    int depth = s.taps * s.inChannels.divisor;                                                                \
    int columns = s.outChannels.divisor;                                                                      \
    int picture = s.grid.product();                                                                           \
    int channels = s.inChannels.divisor;                                                                      \
    Modulated<Windows> a(                                                                                     \
        s, x + picture * s.inPixels * channels, before + picture * channels, s.inChannels);                   \
    AlongRows b(weight, columns, depth, columns);                                                             \
    const Element* scales = after == nullptr ? nullptr : after + picture * columns;                           \
    convolve<Tile>(s, a, b, s.pixels, columns, depth, nullptr, nullptr, scales, out, parts);                  \
  }                                                                                                           \
  EXPORT(modulated_conv2d_##size)                                                                             \
  extern "C" __global__ void __launch_bounds__(Tile::THREADS) modulated_conv2d_input_gradient_##size(         \
      Conv s, const Element* gradOut, const Element* before, const Element* weight, const Element* after,     \
      Element* gradX, float* parts) {                                                                         \
    int depth = s.taps * s.outChannels.divisor;                                                               \
    int columns = s.inChannels.divisor;                                                                       \
    int picture = s.grid.product();                                                                           \
    int channels = s.outChannels.divisor;                                                                     \
    Modulated<WindowsBack> a(                                                                                 \
        s, gradOut + picture * s.pixels * channels, before + picture * channels, s.outChannels);              \
    WeightBack b(s, weight);                                                                                  \
    const Element* scales = after == nullptr ? nullptr : after + picture * columns;                           \
    convolve<Tile>(s, a, b, s.inPixels, columns, depth, nullptr, nullptr, scales, gradX, parts);              \
  }                                                                                                           \
  EXPORT(modulated_conv2d_input_gradient_##size)

// The convolution whose weight comes in boxes.
#define CONVOLUTION_BULK(size, Tile)                                                                       \
  extern "C" __global__ void __launch_bounds__(Tile::THREADS) conv2d_##size(                               \
      Conv s, const Element* x, const __grid_constant__ TensorMap map, const Element* bias,                \
      const Element* addend, Element* out, float* parts) {                                                 \
    int depth = s.taps * s.inChannels.divisor;                                                             \
    Windows a(s, x);                                                                                       \
    Boxes b{map};                                                                                          \
    convolve<Tile>(s, a, b, s.pixels, s.outChannels.divisor, depth, bias, addend, nullptr, out, parts);    \
  }                                                                                                        \
  EXPORT(conv2d_##size)

CONVOLUTIONS(large, Large)
CONVOLUTIONS(small, Small)
MODULATED_CONVOLUTIONS(large, Large)
MODULATED_CONVOLUTIONS(small, Small)
#if defined(PRECISION_F16) || defined(PRECISION_BF16)
CONVOLUTIONS(medium, Medium)
MODULATED_CONVOLUTIONS(medium, Medium)
#ifdef WARPGROUPS
CONVOLUTIONS(group_large, WarpgroupsLarge)
CONVOLUTIONS(group_medium, WarpgroupsMedium)
CONVOLUTIONS(group_small, WarpgroupsSmall)
CONVOLUTION_BULK(bulk_large, BulkLarge)
CONVOLUTION_BULK(bulk_medium, BulkMedium)
CONVOLUTION_BULK(bulk_small, BulkSmall)
#endif
#endif
