// The matrix product that matrix products, convolutions and their gradients are instances of:
// out[row, column] = sum over depth of A(row, depth) * B(column, depth).
//
// What A and B are, a loader says. It hands out chunks of PACKED neighbours, along the depth or along the
// rows, whichever lie side by side in memory:
//
//   static constexpr bool ALONG_DEPTH
//   bool whole                          whether every chunk is there at a multiple of 16 bytes, or not at all
//   Row row(int row)                    what is worth computing once for a row, or a chunk of rows
//   const Element* at(Row, int depth)   where a chunk begins, or null for zeros; if whole
//   Elements gather(Row, int depth)     a chunk, with zeros beyond the ends; if not
//
// A loader may be Modulated: what it loads is multiplied by a factor for each channel of the depth. Chunks that
// are gathered are multiplied there, others once they are in registers, on the way to being multiplied by B.
//
// How tiles are brought to shared memory and multiplied, tiles.cuh (float32 and TF32) and pipeline.cuh (16
// bits) say.
#pragma once

#include "common.cuh"

__device__ __forceinline__ Elements noElements() {
  Elements chunk;
#pragma unroll
  for (int i = 0; i < PACKED; i++) {
    chunk.at[i] = 0.f;
  }
  return chunk;
}

template <class Loader>
constexpr bool IS_MODULATED = false;

// Whether the columns of B are those of values and of their gates, eight and eight in turn, and results are GEGLU's.
template <class Loader>
constexpr bool IS_GATED = false;

// The first count of the elements at p.
__device__ __forceinline__ Elements someElements(const Element* p, int count) {
  Elements chunk = noElements();
#pragma unroll
  for (int i = 0; i < PACKED; i++) {
    if (i < count) {
      chunk.at[i] = p[i];
    }
  }
  return chunk;
}

__device__ __forceinline__ bool isWhole(const Element* p, int stride, int length) {
  return isAligned16(p) && stride % PACKED == 0 && length % PACKED == 0;
}

// A matrix whose elements lie side by side along the depth: (row, depth) is p[row * stride + depth].
struct AlongDepth {
  static constexpr bool ALONG_DEPTH = true;
  using Row = const Element*;
  const Element* p;
  int rows;
  int depth;
  int stride;
  bool whole;

  __device__ AlongDepth(const Element* p, int rows, int depth, int stride)
      : p(p), rows(rows), depth(depth), stride(stride), whole(isWhole(p, stride, depth)) {}

  __device__ __forceinline__ Row row(int row) const { return row < rows ? p + row * stride : nullptr; }

  __device__ __forceinline__ const Element* at(Row row, int d) const {
    return row == nullptr || d >= depth ? nullptr : row + d;
  }

  __device__ __forceinline__ Elements gather(Row row, int d) const {
    return row == nullptr ? noElements() : someElements(row + d, depth - d);
  }
};

// A matrix whose elements lie side by side along the rows: (row, depth) is p[depth * stride + row].
struct AlongRows {
  static constexpr bool ALONG_DEPTH = false;
  using Row = int;
  const Element* p;
  int rows;
  int depth;
  int stride;
  bool whole;

  __device__ AlongRows(const Element* p, int rows, int depth, int stride)
      : p(p), rows(rows), depth(depth), stride(stride), whole(isWhole(p, stride, rows)) {}

  __device__ __forceinline__ Row row(int row) const { return row; }

  __device__ __forceinline__ const Element* at(Row row, int d) const {
    return row < rows && d < depth ? p + d * stride + row : nullptr;
  }

  __device__ __forceinline__ Elements gather(Row row, int d) const {
    return d < depth ? someElements(p + d * stride + row, rows - row) : noElements();
  }
};

// A matrix of 2 * width columns, values and then gates, as an AlongRows whose rows are eight of these and eight of those
// in turn.
struct Gated {
  static constexpr bool ALONG_DEPTH = false;
  struct Row {
    int column;  // from where the values or the gates begin
    int half;
  };
  const Element* p;
  int width;
  int depth;
  bool whole;

  __device__ Gated(const Element* p, int width, int depth)
      : p(p), width(width), depth(depth), whole(isWhole(p, width, width)) {}

  __device__ __forceinline__ Row row(int row) const {
    int chunk = row / PACKED;
    return Row{chunk / 2 * PACKED, chunk % 2};
  }

  __device__ __forceinline__ const Element* start(const Row& row, int d) const {
    return p + (2 * d + row.half) * width + row.column;
  }

  __device__ __forceinline__ const Element* at(const Row& row, int d) const {
    return row.column < width && d < depth ? start(row, d) : nullptr;
  }

  __device__ __forceinline__ Elements gather(const Row& row, int d) const {
    return d < depth ? someElements(start(row, d), width - row.column) : noElements();
  }
};

template <>
constexpr bool IS_GATED<Gated> = true;

// Results alpha * scales[column] * value + bias[column] + addend[row, column] in a row-major matrix; or bare
// values in one of floats, where the depth is split among blocks and their parts of the sums are put together
// later.
struct Matrix {
  Element* p;
  float* parts;  // or null
  int rows;
  int columns;
  int stride;
  float alpha;
  const Element* bias;    // or null
  const Element* addend;  // or null; laid out as p
  const Element* scales;  // or null
  bool aligned;

  __device__ Matrix(
      Element* p, float* parts, int rows, int columns, int stride, float alpha, const Element* bias,
      const Element* addend, const Element* scales)
      : p(p),
        parts(parts),
        rows(rows),
        columns(columns),
        stride(parts == nullptr ? stride : columns),
        alpha(alpha),
        bias(bias),
        addend(addend),
        scales(scales),
        aligned(
            parts == nullptr ? isAligned16(p) && stride % PACKED == 0
                             : isAligned16(parts) && columns % 4 == 0) {}

  __device__ __forceinline__ float factor(int column) const {
    return scales == nullptr ? alpha : alpha * scales[column];
  }

  // Of a column of A * B, which may be a gate's.
  __device__ __forceinline__ float shift(int column) const { return bias == nullptr ? 0.f : (float)bias[column]; }

  template <int N, class T>
  __device__ __forceinline__ void put(T* to, int column, const Pack<T, N>& values) const {
    if (aligned && column + N <= columns) {
      *reinterpret_cast<Pack<T, N>*>(to) = values;
      return;
    }
#pragma unroll
    for (int i = 0; i < N; i++) {
      if (column + i < columns) {
        to[i] = values.at[i];
      }
    }
  }

  // Stores N neighbouring results, N being 2 or 4.
  template <int N>
  __device__ __forceinline__ void store(int row, int column, const float* values) const {
    if (row >= rows) {
      return;
    }
    if (parts != nullptr) {
      Pack<float, N> bare;
#pragma unroll
      for (int i = 0; i < N; i++) {
        bare.at[i] = values[i];
      }
      put(parts + row * stride + column, column, bare);
      return;
    }
    Pack<Element, N> done;
#pragma unroll
    for (int i = 0; i < N; i++) {
      done.at[i] = column + i < columns ? factor(column + i) * values[i] + shift(column + i) : 0.f;
    }
    int at = row * stride + column;
    put(p + at, column, addend == nullptr ? done : plus(done, at, column));
  }

  // Stores results that are finished but for the addend.
  __device__ __forceinline__ void store(int row, int column, const Elements& values) const {
    if (row < rows && column < columns) {
      int at = row * stride + column;
      put(p + at, column, addend == nullptr ? values : plus(values, at, column));
    }
  }

  template <int N>
  __device__ __forceinline__ Pack<Element, N> plus(const Pack<Element, N>& values, int at, int column) const {
    Pack<Element, N> more;
    if (aligned && column + N <= columns) {
      more = *reinterpret_cast<const Pack<Element, N>*>(addend + at);
    } else {
#pragma unroll
      for (int i = 0; i < N; i++) {
        more.at[i] = column + i < columns ? (float)addend[at + i] : 0.f;
      }
    }
#pragma unroll
    for (int i = 0; i < N; i++) {
      more.at[i] = values.at[i] + more.at[i];
    }
    return more;
  }
};

// Which tile a block computes, of how many; the sum over the depth may be split among blocks.
struct Grid {
  Divisor rowTiles;
  Divisor columnTiles;
  Divisor splits;
  int splitDepth;

  __device__ __forceinline__ void decode(int& rowTile, int& columnTile, int& split, int& product) const {
    int block = (int)blockIdx.x;
    int rest = rowTiles.quotient(block);
    rowTile = block - rest * rowTiles.divisor;
    block = rest;
    rest = columnTiles.quotient(block);
    columnTile = block - rest * columnTiles.divisor;
    product = splits.quotient(rest);
    split = rest - product * splits.divisor;
  }

  __device__ __forceinline__ int product() const {
    int rowTile, columnTile, split, product;
    decode(rowTile, columnTile, split, product);
    return product;
  }
};
