// The matrix product that matrix products, convolutions and their gradients are instances of:
// out[row, column] = sum over depth of A(row, depth) * B(column, depth), in tiles that are loaded to
// registers while the tile before is multiplied, and then stored to shared memory, twice buffered.
//
// What A and B are, a loader says. It hands out four neighbouring elements at a time, neighbours along
// the depth or along the rows, whichever lie side by side in memory; beyond the ends they are zeros:
//
//   static constexpr bool ALONG_DEPTH
//   Row row(int row)                    what is worth computing once for a row (or four)
//   float4 quad(Row row, int depth)
//
// How tiles are stored and multiplied, a class like Fma (fma.cuh) or Mma (mma.cuh) says; where results go,
// an output like Matrix.
#pragma once

#include "common.cuh"

// Four floats, of which the first count are there.
__device__ __forceinline__ float4 loadQuad(const float* p, int count, bool aligned) {
  if (count >= 4 && aligned) {
    return *reinterpret_cast<const float4*>(p);
  }
  float4 v = zeros();
  if (count > 0) v.x = p[0];
  if (count > 1) v.y = p[1];
  if (count > 2) v.z = p[2];
  if (count > 3) v.w = p[3];
  return v;
}

// A matrix whose elements lie side by side along the depth: (row, depth) is p[row * stride + depth].
struct AlongDepth {
  static constexpr bool ALONG_DEPTH = true;
  using Row = const float*;
  const float* p;
  int rows;
  int depth;
  int stride;
  bool aligned;

  __device__ AlongDepth(const float* p, int rows, int depth, int stride)
      : p(p), rows(rows), depth(depth), stride(stride), aligned(isAligned16(p) && stride % 4 == 0) {}

  __device__ __forceinline__ Row row(int row) const { return row < rows ? p + row * stride : nullptr; }

  __device__ __forceinline__ float4 quad(Row row, int d) const {
    return row == nullptr ? zeros() : loadQuad(row + d, depth - d, aligned);
  }
};

// A matrix whose elements lie side by side along the rows: (row, depth) is p[depth * stride + row].
struct AlongRows {
  static constexpr bool ALONG_DEPTH = false;
  using Row = int;
  const float* p;
  int rows;
  int depth;
  int stride;
  bool aligned;

  __device__ AlongRows(const float* p, int rows, int depth, int stride)
      : p(p), rows(rows), depth(depth), stride(stride), aligned(isAligned16(p) && stride % 4 == 0) {}

  __device__ __forceinline__ Row row(int row) const { return row; }

  __device__ __forceinline__ float4 quad(Row row, int d) const {
    return d < depth ? loadQuad(p + d * stride + row, rows - row, aligned) : zeros();
  }
};

// Results alpha * value + bias[column] in a row-major matrix.
struct Matrix {
  float* p;
  int rows;
  int columns;
  int stride;
  float alpha;
  const float* bias;  // or null
  bool aligned;

  __device__ Matrix(float* p, int rows, int columns, int stride, float alpha, const float* bias)
      : p(p),
        rows(rows),
        columns(columns),
        stride(stride),
        alpha(alpha),
        bias(bias),
        aligned(isAligned16(p) && stride % 4 == 0) {}

  __device__ __forceinline__ float finished(float value, int column) const {
    return bias == nullptr ? alpha * value : alpha * value + bias[column];
  }

  // Stores N neighbouring results, N being 2 or 4.
  template <int N>
  __device__ __forceinline__ void store(int row, int column, const float* values) const {
    if (row >= rows) {
      return;
    }
    float* to = p + row * stride + column;
    if (aligned && column + N <= columns) {
      if (N == 4) {
        *reinterpret_cast<float4*>(to) = make_float4(
            finished(values[0], column),
            finished(values[1], column + 1),
            finished(values[N - 2], column + 2),
            finished(values[N - 1], column + 3));
      } else {
        *reinterpret_cast<float2*>(to) =
            make_float2(finished(values[0], column), finished(values[1], column + 1));
      }
      return;
    }
#pragma unroll
    for (int i = 0; i < N; i++) {
      if (column + i < columns) {
        to[i] = finished(values[i], column + i);
      }
    }
  }
};

// Moves tiles of ROWS x Math::DEPTH elements from a loader to shared memory through registers.
template <class Math, class Loader, int ROWS>
struct Feeder {
  static constexpr int QUADS = ROWS * Math::DEPTH / 4 / Math::THREADS;  // of a thread
  static constexpr int ACROSS = (Loader::ALONG_DEPTH ? Math::DEPTH : ROWS) / 4;
  static_assert(QUADS * 4 * Math::THREADS == ROWS * Math::DEPTH, "a tile is a whole number of quads a thread");

  const Loader& loader;
  typename Loader::Row rows[QUADS];
  float4 quads[QUADS];

  __device__ __forceinline__ static int rowOf(int i) {
    int quad = i * Math::THREADS + (int)threadIdx.x;
    return Loader::ALONG_DEPTH ? quad / ACROSS : quad % ACROSS * 4;
  }

  __device__ __forceinline__ static int depthOf(int i) {
    int quad = i * Math::THREADS + (int)threadIdx.x;
    return Loader::ALONG_DEPTH ? quad % ACROSS * 4 : quad / ACROSS;
  }

  __device__ __forceinline__ Feeder(const Loader& loader, int firstRow) : loader(loader) {
#pragma unroll
    for (int i = 0; i < QUADS; i++) {
      rows[i] = loader.row(firstRow + rowOf(i));
    }
  }

  __device__ __forceinline__ void load(int depth) {
#pragma unroll
    for (int i = 0; i < QUADS; i++) {
      quads[i] = loader.quad(rows[i], depth + depthOf(i));
    }
  }

  template <class Tile>
  __device__ __forceinline__ void store(Tile& tile) const {
#pragma unroll
    for (int i = 0; i < QUADS; i++) {
      Math::template put<Loader::ALONG_DEPTH>(tile, rowOf(i), depthOf(i), quads[i]);
    }
  }
};

// The tile of Math::ROWS x Math::COLUMNS results that begins at (row, column), summed over the depths
// from ... to - 1; from is a multiple of Math::DEPTH, and so is to unless it is where A and B end.
template <class Math, class A, class B, class Out>
__device__ __forceinline__ void multiply(
    const A& a, const B& b, const Out& out, int row, int column, int from, int to) {
  using TilesA = typename Math::TileA[2];
  using TilesB = typename Math::TileB[2];
  SHARED(TilesA, tilesA);
  SHARED(TilesB, tilesB);
  Feeder<Math, A, Math::ROWS> feedA(a, row);
  Feeder<Math, B, Math::COLUMNS> feedB(b, column);
  Math math;
  feedA.load(from);
  feedB.load(from);
  int current = 0;
  for (int depth = from; depth < to; depth += Math::DEPTH) {
    feedA.store(tilesA[current]);
    feedB.store(tilesB[current]);
    __syncthreads();
    if (depth + Math::DEPTH < to) {
      feedA.load(depth + Math::DEPTH);
      feedB.load(depth + Math::DEPTH);
    }
    math.accumulate(tilesA[current], tilesB[current]);
    current ^= 1;
  }
  math.finish(out, row, column);
}

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
};
