// Multiplying tiles in float32 by fused multiply-adds: the results are those of float32 arithmetic.
#pragma once

#include "common.cuh"

// ROWS x COLUMNS results by threads of ROWS_EACH x COLUMNS_EACH, in groups of four rows and columns that lie
// apart, so that the threads of a warp read shared memory without conflicts.
template <int ROWS_, int COLUMNS_, int DEPTH_, int ROWS_EACH, int COLUMNS_EACH>
struct Fma {
  static constexpr int ROWS = ROWS_;
  static constexpr int COLUMNS = COLUMNS_;
  static constexpr int DEPTH = DEPTH_;
  static constexpr int THREADS_DOWN = ROWS / ROWS_EACH;
  static constexpr int THREADS_ACROSS = COLUMNS / COLUMNS_EACH;
  static constexpr int THREADS = THREADS_DOWN * THREADS_ACROSS;
  using TileA = float[DEPTH][ROWS + 4];
  using TileB = float[DEPTH][COLUMNS + 4];

  float sums[ROWS_EACH][COLUMNS_EACH];

  __device__ __forceinline__ Fma() {
#pragma unroll
    for (int i = 0; i < ROWS_EACH; i++) {
#pragma unroll
      for (int j = 0; j < COLUMNS_EACH; j++) {
        sums[i][j] = 0.f;
      }
    }
  }

  template <bool ALONG_DEPTH, class Tile>
  __device__ __forceinline__ static void put(Tile& tile, int row, int depth, float4 quad) {
    if (ALONG_DEPTH) {
      tile[depth][row] = quad.x;
      tile[depth + 1][row] = quad.y;
      tile[depth + 2][row] = quad.z;
      tile[depth + 3][row] = quad.w;
    } else {
      *reinterpret_cast<float4*>(&tile[depth][row]) = quad;
    }
  }

  __device__ __forceinline__ static int down() { return (int)threadIdx.x / THREADS_ACROSS; }

  __device__ __forceinline__ static int across() { return (int)threadIdx.x % THREADS_ACROSS; }

  template <int N>
  __device__ __forceinline__ static void take(const float* from, int step, float (&to)[N]) {
#pragma unroll
    for (int i = 0; i < N; i += 4) {
      float4 quad = *reinterpret_cast<const float4*>(from + i / 4 * step);
      to[i] = quad.x;
      to[i + 1] = quad.y;
      to[i + 2] = quad.z;
      to[i + 3] = quad.w;
    }
  }

  __device__ __forceinline__ void accumulate(const TileA& a, const TileB& b) {
#pragma unroll
    for (int depth = 0; depth < DEPTH; depth++) {
      float left[ROWS_EACH];
      float right[COLUMNS_EACH];
      take(&a[depth][4 * down()], 4 * THREADS_DOWN, left);
      take(&b[depth][4 * across()], 4 * THREADS_ACROSS, right);
#pragma unroll
      for (int i = 0; i < ROWS_EACH; i++) {
#pragma unroll
        for (int j = 0; j < COLUMNS_EACH; j++) {
          sums[i][j] += left[i] * right[j];
        }
      }
    }
  }

  template <class Out>
  __device__ __forceinline__ void finish(const Out& out, int row, int column) const {
#pragma unroll
    for (int i = 0; i < ROWS_EACH; i++) {
      int r = row + i / 4 * 4 * THREADS_DOWN + 4 * down() + i % 4;
#pragma unroll
      for (int j = 0; j < COLUMNS_EACH; j += 4) {
        out.template store<4>(r, column + j / 4 * 4 * THREADS_ACROSS + 4 * across(), &sums[i][j]);
      }
    }
  }
};

using FmaLarge = Fma<128, 128, 8, 8, 8>;
using FmaSmall = Fma<32, 32, 16, 4, 4>;
