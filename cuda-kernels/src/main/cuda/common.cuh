// What every kernel shares: declaring one, shared memory, reductions over a block.
//
// The same source is compiled by nvcc or NVRTC for GPUs and, in the tests, by g++ for the emulated
// driver (src/test/emulator), which checks every access to global and shared memory. Hence two rules:
// shared memory is declared by SHARED, and every kernel is made known by EXPORT.
#pragma once

#ifdef __CUDACC__
#define SHARED(type, name) __shared__ type name
#define EXPORT(name)
#else
#include "emulation.h"
#endif

constexpr int WARP = 32;
constexpr unsigned ALL_LANES = 0xffffffffu;

// Quotients by a divisor that is known before the launch, without a division (Granlund and Montgomery,
// 1994; io.github.pix2pixzero.cuda.Divisor computes the constants). For 0 <= n < 2^31.
struct Divisor {
  int divisor;
  unsigned multiplier;
  int shift;

  __device__ __forceinline__ int quotient(int n) const {
    return (int)((__umulhi((unsigned)n, multiplier) + (unsigned)n) >> shift);
  }

  __device__ __forceinline__ int remainder(int n) const { return n - quotient(n) * divisor; }
};

__device__ __forceinline__ int divideUp(int a, int b) { return (a + b - 1) / b; }

__device__ __forceinline__ float4 zeros() { return make_float4(0.f, 0.f, 0.f, 0.f); }

__device__ __forceinline__ bool isAligned16(const void* p) { return ((unsigned long long)p & 15) == 0; }

// The index of this thread in the grid, and how many there are: for grid-stride loops. Sizes are ints.
__device__ __forceinline__ int gridThread() { return (int)(blockIdx.x * blockDim.x + threadIdx.x); }

__device__ __forceinline__ int gridThreads() { return (int)(gridDim.x * blockDim.x); }

struct Plus {
  static constexpr float NEUTRAL = 0.f;
  __device__ __forceinline__ static float apply(float a, float b) { return a + b; }
};

struct Max {
  static constexpr float NEUTRAL = -3.402823466e+38f;
  __device__ __forceinline__ static float apply(float a, float b) { return a > b ? a : b; }
};

// Reduces over WIDTH neighbouring lanes, a power of two; every lane receives the result. The order of
// the operations is fixed.
template <class F, int WIDTH = WARP>
__device__ __forceinline__ float reduceLanes(float value) {
#pragma unroll
  for (int offset = WIDTH / 2; offset > 0; offset /= 2) {
    value = F::apply(value, __shfl_xor_sync(ALL_LANES, value, offset));
  }
  return value;
}

// Reduces over the block, whose size is a multiple of a warp; every thread receives the result.
template <class F>
__device__ float reduceBlock(float value) {
  using Partials = float[WARP];
  SHARED(Partials, partials);
  value = reduceLanes<F>(value);
  int warps = (int)blockDim.x / WARP;
  if (warps == 1) {
    return value;
  }
  if (threadIdx.x % WARP == 0) {
    partials[threadIdx.x / WARP] = value;
  }
  __syncthreads();
  int lane = (int)threadIdx.x % WARP;
  value = reduceLanes<F>(lane < warps ? partials[lane] : F::NEUTRAL);
  __syncthreads();  // the next reduction writes to the same place
  return value;
}
