// Multiplying tiles of floats, which are loaded to registers while the tile before is multiplied, and then
// stored to shared memory, twice buffered. How they are stored and multiplied, a class like Fma (fma.cuh) or
// Mma (mma.cuh) says.
#pragma once

#include "loaders.cuh"

// Moves tiles of ROWS x Math::DEPTH elements from a loader to shared memory through registers.
template <class Math, class Loader, int ROWS>
struct Feeder {
  static constexpr int QUADS = ROWS * Math::DEPTH / 4 / Math::THREADS;  // of a thread
  static constexpr int ACROSS = (Loader::ALONG_DEPTH ? Math::DEPTH : ROWS) / 4;
  static_assert(QUADS * 4 * Math::THREADS == ROWS * Math::DEPTH, "a tile is a whole number of quads a thread");

  const Loader& loader;
  typename Loader::Row rows[QUADS];
  Elements quads[QUADS];
  int depth;  // of what they hold

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

  __device__ __forceinline__ void load(int from) {
    depth = from;
#pragma unroll
    for (int i = 0; i < QUADS; i++) {
      int d = depth + depthOf(i);
      if (loader.whole) {
        const Element* p = loader.at(rows[i], d);
        quads[i] = p == nullptr ? noElements() : *reinterpret_cast<const Elements*>(p);
      } else {
        quads[i] = loader.gather(rows[i], d);
      }
    }
  }

  template <class Tile>
  __device__ __forceinline__ void store(Tile& tile) {
#pragma unroll
    for (int i = 0; i < QUADS; i++) {
      if constexpr (IS_MODULATED<Loader>) {
        if (loader.whole) {
          loader.multiply(quads[i], depth + depthOf(i));
        }
      }
      Math::template put<Loader::ALONG_DEPTH>(tile, rowOf(i), depthOf(i), reinterpret_cast<const float4&>(quads[i]));
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
