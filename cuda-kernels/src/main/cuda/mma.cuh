// Multiplying tiles on the tensor cores: elements are rounded to a shorter type on their way to shared
// memory, products are exact and sums are float32.
//
// Every type here takes part in the same way: shared memory holds words of 32 bits, one TF32 number or two
// neighbours along the depth of 16 bits, and the instruction multiplies 16 rows of 8 words by 8 columns of 8
// words. So all that differs is the rounding and the instruction.
#pragma once

#include "common.cuh"

#ifdef __CUDACC__

__device__ __forceinline__ unsigned toTf32(float x) {
  unsigned bits = 0;
#if __CUDA_ARCH__ >= 800
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
#endif
  return bits;
}

// low goes to the lower half.
__device__ __forceinline__ unsigned toHalves(float low, float high) {
  unsigned short l, h;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(l) : "f"(low));
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h) : "f"(high));
  return (unsigned)h << 16 | l;
}

__device__ __forceinline__ unsigned toBrains(float low, float high) {
  unsigned bits = 0;
#if __CUDA_ARCH__ >= 800
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
#endif
  return bits;
}

__device__ __forceinline__ void mmaTf32(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
      "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  __trap();
#endif
}

__device__ __forceinline__ void mmaHalves(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
      "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else  // sm_75 multiplies half as many at a time
  asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(b[0]));
  asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[2]), "r"(a[3]), "r"(b[1]));
#endif
}

__device__ __forceinline__ void mmaBrains(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  __trap();
#endif
}

#endif  // otherwise the emulator's

struct Tf32 {
  static constexpr int PER_WORD = 1;
  using Element = unsigned;
  __device__ __forceinline__ static void mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    mmaTf32(c, a, b);
  }
  __device__ __forceinline__ static Element element(float x) { return toTf32(x); }
  __device__ __forceinline__ static unsigned word(float low, float) { return toTf32(low); }
};

struct Half {
  static constexpr int PER_WORD = 2;
  using Element = unsigned short;
  __device__ __forceinline__ static void mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    mmaHalves(c, a, b);
  }
  __device__ __forceinline__ static Element element(float x) { return (Element)toHalves(x, 0.f); }
  __device__ __forceinline__ static unsigned word(float low, float high) { return toHalves(low, high); }
};

struct Brain {
  static constexpr int PER_WORD = 2;
  using Element = unsigned short;
  __device__ __forceinline__ static void mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    mmaBrains(c, a, b);
  }
  __device__ __forceinline__ static Element element(float x) { return (Element)toBrains(x, 0.f); }
  __device__ __forceinline__ static unsigned word(float low, float high) { return toBrains(low, high); }
};

// ROWS x COLUMNS results by warps of ROW_STEPS * 16 x COLUMN_STEPS * 8.
template <class Type, int ROWS_, int COLUMNS_, int ROW_STEPS, int COLUMN_STEPS>
struct Mma {
  static constexpr int ROWS = ROWS_;
  static constexpr int COLUMNS = COLUMNS_;
  static constexpr int WORDS = 16;
  static constexpr int DEPTH = WORDS * Type::PER_WORD;
  static constexpr int WARPS_ACROSS = COLUMNS / (8 * COLUMN_STEPS);
  static constexpr int THREADS = ROWS / (16 * ROW_STEPS) * WARPS_ACROSS * WARP;
  // Rows are 20 words apart: the 8 rows x 4 words that a warp reads at a time lie in 32 different banks.
  using TileA = unsigned[ROWS][WORDS + 4];
  using TileB = unsigned[COLUMNS][WORDS + 4];

  float sums[ROW_STEPS][COLUMN_STEPS][4];

  __device__ __forceinline__ Mma() {
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
    if (!ALONG_DEPTH) {
      using Element = typename Type::Element;
      constexpr int STEP = (WORDS + 4) * Type::PER_WORD;  // from row to row
      Element* to = reinterpret_cast<Element*>(&tile[row][0]) + depth;
      to[0] = Type::element(quad.x);
      to[STEP] = Type::element(quad.y);
      to[2 * STEP] = Type::element(quad.z);
      to[3 * STEP] = Type::element(quad.w);
    } else if (Type::PER_WORD == 2) {
      *reinterpret_cast<uint2*>(&tile[row][depth / 2]) =
          make_uint2(Type::word(quad.x, quad.y), Type::word(quad.z, quad.w));
    } else {
      *reinterpret_cast<uint4*>(&tile[row][depth]) = make_uint4(
          Type::word(quad.x, 0.f), Type::word(quad.y, 0.f), Type::word(quad.z, 0.f), Type::word(quad.w, 0.f));
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
          Type::mma(sums[i][j], left[i], right[j]);
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

template <class Type>
using MmaLarge = Mma<Type, 128, 128, 4, 4>;  // 8 warps
template <class Type>
using MmaSmall = Mma<Type, 64, 64, 2, 4>;  // 4 warps
