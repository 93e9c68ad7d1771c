// Multiplying tiles on the tensor cores in TF32: elements are rounded to 10 bits of mantissa on their way
// to shared memory, products are exact and sums are float32.
#pragma once

#include "mma.cuh"

// ROWS x COLUMNS results by warps of ROW_STEPS * 16 x COLUMN_STEPS * 8.
template <int ROWS_, int COLUMNS_, int ROW_STEPS, int COLUMN_STEPS>
struct Tf32 {
  static constexpr int ROWS = ROWS_;
  static constexpr int COLUMNS = COLUMNS_;
  static constexpr int WORDS = 16;
  static constexpr int DEPTH = WORDS;
  static constexpr int WARPS_ACROSS = COLUMNS / (8 * COLUMN_STEPS);
  static constexpr int THREADS = ROWS / (16 * ROW_STEPS) * WARPS_ACROSS * WARP;
  // Rows are 20 words apart: the 8 rows x 4 words that a warp reads at a time lie in 32 different banks.
  using TileA = unsigned[ROWS][WORDS + 4];
  using TileB = unsigned[COLUMNS][WORDS + 4];

  float sums[ROW_STEPS][COLUMN_STEPS][4];

  __device__ __forceinline__ Tf32() {
#pragma unroll
    for (int i = 0; i < ROW_STEPS; i++) {
#pragma unroll
      for (int j = 0; j < COLUMN_STEPS; j++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          sums[i][j][e] = 0.f;
        }
      }
    }
  }

  template <bool ALONG_DEPTH, class Tile>
  __device__ __forceinline__ static void put(Tile& tile, int row, int depth, float4 quad) {
    if (ALONG_DEPTH) {
      *reinterpret_cast<uint4*>(&tile[row][depth]) =
          make_uint4(toTf32(quad.x), toTf32(quad.y), toTf32(quad.z), toTf32(quad.w));
    } else {
      tile[row][depth] = toTf32(quad.x);
      tile[row + 1][depth] = toTf32(quad.y);
      tile[row + 2][depth] = toTf32(quad.z);
      tile[row + 3][depth] = toTf32(quad.w);
    }
  }

  __device__ __forceinline__ static int warpRow() {
    return (int)threadIdx.x / WARP / WARPS_ACROSS * 16 * ROW_STEPS;
  }

  __device__ __forceinline__ static int warpColumn() {
    return (int)threadIdx.x / WARP % WARPS_ACROSS * 8 * COLUMN_STEPS;
  }

  // Of the instruction's operands lane l holds rows (or columns) l / 4 and words l % 4.
  __device__ __forceinline__ static int laneRow() { return (int)threadIdx.x % WARP / 4; }

  __device__ __forceinline__ static int laneWord() { return (int)threadIdx.x % 4; }

  __device__ __forceinline__ void accumulate(const TileA& a, const TileB& b) {
#pragma unroll
    for (int word = 0; word < WORDS; word += 8) {
      unsigned left[ROW_STEPS][4];
      unsigned right[COLUMN_STEPS][2];
      int w = word + laneWord();
#pragma unroll
      for (int i = 0; i < ROW_STEPS; i++) {
        int r = warpRow() + 16 * i + laneRow();
        left[i][0] = a[r][w];
        left[i][1] = a[r + 8][w];
        left[i][2] = a[r][w + 4];
        left[i][3] = a[r + 8][w + 4];
      }
#pragma unroll
      for (int j = 0; j < COLUMN_STEPS; j++) {
        int c = warpColumn() + 8 * j + laneRow();
        right[j][0] = b[c][w];
        right[j][1] = b[c][w + 4];
      }
#pragma unroll
      for (int i = 0; i < ROW_STEPS; i++) {
#pragma unroll
        for (int j = 0; j < COLUMN_STEPS; j++) {
          mmaTf32(sums[i][j], left[i], right[j]);
        }
      }
    }
  }

  template <class Out>
  __device__ __forceinline__ void finish(const Out& out, int row, int column) const {
#pragma unroll
    for (int i = 0; i < ROW_STEPS; i++) {
#pragma unroll
      for (int j = 0; j < COLUMN_STEPS; j++) {
        int r = row + warpRow() + 16 * i + laneRow();
        int c = column + warpColumn() + 8 * j + 2 * laneWord();
        out.template store<2>(r, c, &sums[i][j][0]);
        out.template store<2>(r + 8, c, &sums[i][j][2]);
      }
    }
  }
};

using Tf32Large = Tf32<128, 128, 4, 4>;  // 8 warps
using Tf32Small = Tf32<64, 64, 2, 4>;    // 4 warps
