// Multiplying tiles of 16-bit elements: copied to shared memory while tiles before them are multiplied
// (cp.async, three tiles in turn), read from there by ldmatrix and multiplied by mma.sync with float32 sums.
//
// Tiles lie in shared memory the way they lie in global memory, in chunks of 16 bytes. Chunks of a row change
// places by an exclusive or with the row's number, so that the eight rows which ldmatrix reads at a time
// lie in different banks.
#pragma once

#include "gelu.cuh"
#include "loaders.cuh"
#include "mma.cuh"

// ROWS x COLUMNS results by four warps, two by two.
template <int ROWS_, int COLUMNS_>
struct Pipeline {
  static constexpr int ROWS = ROWS_;
  static constexpr int COLUMNS = COLUMNS_;
  static constexpr int DEPTH = 32;
  static constexpr int THREADS = 4 * WARP;
  static constexpr int STAGES = 3;
  static constexpr bool WHOLE = false;
  static constexpr int WARP_ROWS = ROWS / 2;
  static constexpr int WARP_COLUMNS = COLUMNS / 2;
  static constexpr int ROW_STEPS = WARP_ROWS / 16;
  static constexpr int COLUMN_STEPS = WARP_COLUMNS / 8;

  static constexpr int STAGE = (ROWS + COLUMNS) * DEPTH;
  // What a warp's results take on their way out; rows are 16 bytes longer so that they lie in other banks.
  static constexpr int OUT_STRIDE = WARP_COLUMNS + PACKED;
  static constexpr int OUT = 4 * WARP_ROWS * OUT_STRIDE;
  struct alignas(16) Shared {
    Element elements[STAGES * STAGE > OUT ? STAGES * STAGE : OUT];
  };
  using Pipelined = void;

  // Where a chunk of a tile is; rows of the tile are those of memory, of ACROSS chunks.
  template <bool ALONG_DEPTH, int ACROSS>
  __device__ __forceinline__ static int offset(int line, int chunk) {
    int swizzled = ALONG_DEPTH ? chunk ^ (line >> 1 & 3) : chunk ^ (line & 7);
    return (line * ACROSS + swizzled) * PACKED;
  }
};

// A tile of LENGTH rows (or columns) by DEPTH, of which THREADS threads copy a part each.
template <class Tile, class Loader, int LENGTH>
struct Stage {
  static constexpr bool ALONG_DEPTH = Loader::ALONG_DEPTH;
  static constexpr int ACROSS = (ALONG_DEPTH ? Tile::DEPTH : LENGTH) / PACKED;  // chunks of a row in memory
  static constexpr int CHUNKS = LENGTH * Tile::DEPTH / PACKED / Tile::THREADS;  // of a thread
  static_assert(CHUNKS * Tile::THREADS * PACKED == LENGTH * Tile::DEPTH, "a tile is a whole number of chunks a thread");
  static_assert(!ALONG_DEPTH || Tile::THREADS % ACROSS == 0, "a thread copies chunks of one column");
  // Rows of the loader that those are in: one, where a thread copies chunks of one column.
  static constexpr int ROWS = ALONG_DEPTH || Tile::THREADS % ACROSS != 0 ? CHUNKS : 1;

  const Loader& loader;
  typename Loader::Row rows[ROWS];

  __device__ __forceinline__ static int line(int i) {
    int t = (int)threadIdx.x;
    return ROWS == 1 || ALONG_DEPTH ? t / ACROSS + i * (Tile::THREADS / ACROSS) : (i * Tile::THREADS + t) / ACROSS;
  }

  __device__ __forceinline__ static int across(int i) {
    int t = (int)threadIdx.x;
    return ROWS == 1 || ALONG_DEPTH ? t % ACROSS : (i * Tile::THREADS + t) % ACROSS;
  }

  __device__ __forceinline__ static int offset(int line, int chunk) {
    return Tile::template offset<ALONG_DEPTH, ACROSS>(line, chunk);
  }

  __device__ __forceinline__ Stage(const Loader& loader, int first) : loader(loader) {
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
      rows[i] = loader.row(first + (ALONG_DEPTH ? line(i) : across(i) * PACKED));
    }
  }

  __device__ __forceinline__ void copy(Element* to, int depth) const {
#pragma unroll
    for (int i = 0; i < CHUNKS; i++) {
      const typename Loader::Row& row = rows[i % ROWS];
      int d = depth + (ALONG_DEPTH ? across(i) * PACKED : line(i));
      Element* chunk = to + offset(line(i), across(i));
      if (Tile::WHOLE || loader.whole) {
        copyAsync(chunk, loader.at(row, d));
      } else {
        *reinterpret_cast<uint4*>(chunk) = __builtin_bit_cast(uint4, loader.gather(row, d));
      }
    }
  }

  // The left operand of 16 rows by 16 deep.
  __device__ __forceinline__ static void left(unsigned (&a)[4], const Element* tile, int row, int depth) {
    int lane = (int)threadIdx.x % WARP;
    if (ALONG_DEPTH) {
      loadMatrices(a, tile + offset(row + lane % 16, depth / PACKED + lane / 16));
    } else {
      loadMatricesTurned(
          a, tile + offset(depth + lane % 8 + lane / 16 * 8, row / PACKED + lane / 8 % 2));
    }
  }

  // The right operands of 16 deep by 16 columns: those of the first eight, then those of the others.
  __device__ __forceinline__ static void right(unsigned (&b)[4], const Element* tile, int column, int depth) {
    int lane = (int)threadIdx.x % WARP;
    if (ALONG_DEPTH) {
      loadMatrices(b, tile + offset(column + lane % 8 + lane / 16 * 8, depth / PACKED + lane / 8 % 2));
    } else {
      loadMatricesTurned(b, tile + offset(depth + lane % 16, column / PACKED + lane / 16));
    }
  }
};

// Stores a warp's results, which begin at (row, column); shared has room for those of every warp and is no longer read.
// Gated: of sums of 16 columns eight are values, and eight their gates.
template <class Tile, bool GATED>
__device__ __forceinline__ void finish(
    const Matrix& out, const float (&sums)[Tile::ROW_STEPS][Tile::COLUMN_STEPS][4], Element* shared, int row,
    int column) {
  constexpr int STEPS = Tile::COLUMN_STEPS / (GATED ? 2 : 1);
  int lane = (int)threadIdx.x % WARP;
  // Of the results lane l holds rows l / 4 and l / 4 + 8 of each 16, columns 2 (l % 4) and the next of each 8.
  if (!GATED && out.parts != nullptr) {
#pragma unroll
    for (int i = 0; i < Tile::ROW_STEPS; i++) {
#pragma unroll
      for (int j = 0; j < STEPS; j++) {
        int r = row + 16 * i + lane / 4;
        int c = column + 8 * j + lane % 4 * 2;
        out.template store<2>(r, c, &sums[i][j][0]);
        out.template store<2>(r + 8, c, &sums[i][j][2]);
      }
    }
    return;
  }
  __syncthreads();  // the last tile has been read
  Element* mine = shared + (int)threadIdx.x / WARP * Tile::WARP_ROWS * Tile::OUT_STRIDE;
#pragma unroll
  for (int j = 0; j < STEPS; j++) {
    int c = 8 * j + lane % 4 * 2;
    float factors[2];
    float shifts[2];
    float gateShifts[2];
#pragma unroll
    for (int e = 0; e < 2; e++) {
      int at = column + c + e;
      bool inside = at < out.columns;
      factors[e] = inside ? out.factor(at) : 0.f;
      shifts[e] = inside ? out.shift(at) : 0.f;
      gateShifts[e] = GATED && inside ? out.shift(at + out.columns) : 0.f;
    }
#pragma unroll
    for (int i = 0; i < Tile::ROW_STEPS; i++) {
      float values[4];
#pragma unroll
      for (int e = 0; e < 4; e++) {
        values[e] = factors[e % 2] * sums[i][GATED ? 2 * j : j][e] + shifts[e % 2];
        if (GATED) {
          values[e] *= gelu(factors[e % 2] * sums[i][2 * j + 1][e] + gateShifts[e % 2]);
        }
      }
      unsigned* upper = reinterpret_cast<unsigned*>(mine + (16 * i + lane / 4) * Tile::OUT_STRIDE + c);
      upper[0] = Halves::word(values[0], values[1]);
      upper[8 * Tile::OUT_STRIDE / 2] = Halves::word(values[2], values[3]);
    }
  }
  __syncwarp();
  constexpr int ACROSS = 8 * STEPS / PACKED;
#pragma unroll
  for (int i = lane; i < Tile::WARP_ROWS * ACROSS; i += WARP) {
    int r = i / ACROSS;
    int c = i % ACROSS * PACKED;
    out.store(row + r, column + c, *reinterpret_cast<const Elements*>(mine + r * Tile::OUT_STRIDE + c));
  }
}

// The tile of results that begins at (row, column), summed over the depths from ... to - 1; from is a
// multiple of DEPTH, and so is to unless it is where A and B end.
template <class Tile, class A, class B>
__device__ __forceinline__ typename Tile::Pipelined multiply(
    const A& a, const B& b, const Matrix& out, int row, int column, int from, int to) {
  using Shared = typename Tile::Shared;
  using StageA = Stage<Tile, A, Tile::ROWS>;
  using StageB = Stage<Tile, B, Tile::COLUMNS>;
  SHARED(Shared, shared);
  StageA stageA(a, row);
  StageB stageB(b, column);
  int warp = (int)threadIdx.x / WARP;
  int lane = (int)threadIdx.x % WARP;
  int warpRow = warp / 2 * Tile::WARP_ROWS;
  int warpColumn = warp % 2 * Tile::WARP_COLUMNS;
  float sums[Tile::ROW_STEPS][Tile::COLUMN_STEPS][4];
#pragma unroll
  for (int i = 0; i < Tile::ROW_STEPS; i++) {
#pragma unroll
    for (int j = 0; j < Tile::COLUMN_STEPS; j++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        sums[i][j][e] = 0.f;
      }
    }
  }
#pragma unroll
  for (int stage = 0; stage < Tile::STAGES - 1; stage++) {
    int depth = from + stage * Tile::DEPTH;
    if (depth < to) {
      stageA.copy(shared.elements + stage * Tile::STAGE, depth);
      stageB.copy(shared.elements + stage * Tile::STAGE + Tile::ROWS * Tile::DEPTH, depth);
    }
    closeCopies();
  }
  int current = 0;
  int filling = Tile::STAGES - 1;
  for (int depth = from; depth < to; depth += Tile::DEPTH) {
    waitForCopies<Tile::STAGES - 2>();
    __syncthreads();
    int ahead = depth + (Tile::STAGES - 1) * Tile::DEPTH;
    if (ahead < to) {
      stageA.copy(shared.elements + filling * Tile::STAGE, ahead);
      stageB.copy(shared.elements + filling * Tile::STAGE + Tile::ROWS * Tile::DEPTH, ahead);
    }
    closeCopies();
    const Element* tileA = shared.elements + current * Tile::STAGE;
    const Element* tileB = tileA + Tile::ROWS * Tile::DEPTH;
#pragma unroll
    for (int d = 0; d < Tile::DEPTH; d += 16) {
      unsigned left[Tile::ROW_STEPS][4];
      unsigned right[Tile::COLUMN_STEPS / 2][4];
#pragma unroll
      for (int i = 0; i < Tile::ROW_STEPS; i++) {
        StageA::left(left[i], tileA, warpRow + 16 * i, d);
      }
      if constexpr (IS_MODULATED<A>) {
        if (a.whole) {
          unsigned near = a.factors(depth + d + lane % 4 * 2);
          unsigned far = a.factors(depth + d + lane % 4 * 2 + 8);
#pragma unroll
          for (int i = 0; i < Tile::ROW_STEPS; i++) {
            left[i][0] = Halves::product(left[i][0], near);
            left[i][1] = Halves::product(left[i][1], near);
            left[i][2] = Halves::product(left[i][2], far);
            left[i][3] = Halves::product(left[i][3], far);
          }
        }
      }
#pragma unroll
      for (int j = 0; j < Tile::COLUMN_STEPS / 2; j++) {
        StageB::right(right[j], tileB, warpColumn + 16 * j, d);
      }
#pragma unroll
      for (int i = 0; i < Tile::ROW_STEPS; i++) {
#pragma unroll
        for (int j = 0; j < Tile::COLUMN_STEPS; j++) {
          const unsigned(&b)[2] = reinterpret_cast<const unsigned(&)[2]>(right[j / 2][j % 2 * 2]);
          Halves::mma(sums[i][j], left[i], b);
        }
      }
    }
    current = current + 1 == Tile::STAGES ? 0 : current + 1;
    filling = filling + 1 == Tile::STAGES ? 0 : filling + 1;
  }
  constexpr bool GATED = IS_GATED<B>;
  finish<Tile, GATED>(out, sums, shared.elements, row + warpRow, (column + warpColumn) / (GATED ? 2 : 1));
}

using PipelineLarge = Pipeline<128, 128>;
using PipelineMedium = Pipeline<128, 64>;
using PipelineSmall = Pipeline<64, 64>;
