// What every kernel shares: the type of elements, declaring kernels, shared memory, reductions.
//
// Every file is compiled once for each Precision of the backend, named by the macro PRECISION_F32,
// PRECISION_TF32, PRECISION_F16 or PRECISION_BF16. It decides what an Element of a tensor is; arithmetic,
// statistics and the parts of sums are float32 in all of them.
//
// The same source is compiled by nvcc or NVRTC for GPUs and, in the tests, by g++ for the emulated
// driver (src/test/emulator), which checks every access to global and shared memory. Hence two rules:
// shared memory is declared by SHARED, and every kernel is made known by EXPORT.
#pragma once

#ifdef __CUDACC__
#define SHARED(type, name) __shared__ type name
// More of it than 48 KiB; the launch says how many bytes.
#define SHARED_AT_LAUNCH(type, name)                                     \
  extern __shared__ __align__(1024) unsigned char shared_at_launch[];    \
  type& name = *reinterpret_cast<type*>(shared_at_launch)
#define EXPORT(name)
#else
#include "emulation.h"
#endif

// What cuTensorMapEncodeTiled makes of a matrix for copies of boxes.
struct alignas(64) TensorMap {
  unsigned words[32];
};

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

// ---------------------------------------------------------------- elements

#ifdef __CUDACC__

__device__ __forceinline__ unsigned short toHalf(float x) {
  unsigned short bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
}

__device__ __forceinline__ float fromHalf(unsigned short bits) {
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
  return x;
}

// To nearest, ties to even; what is not a number stays so.
__device__ __forceinline__ unsigned short toBrain(float x) {
  unsigned bits = __float_as_uint(x);
  return (unsigned short)(x != x ? bits >> 16 | 0x40u : (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

__device__ __forceinline__ float fromBrain(unsigned short bits) { return __uint_as_float((unsigned)bits << 16); }

#endif  // otherwise the emulator's

// Numbers of 16 bits. They turn into floats where they are read, and are rounded where they are stored.
struct Half16 {
  unsigned short bits;
  __device__ __forceinline__ operator float() const { return fromHalf(bits); }
  __device__ __forceinline__ Half16& operator=(float x) {
    bits = toHalf(x);
    return *this;
  }
};

struct Brain16 {
  unsigned short bits;
  __device__ __forceinline__ operator float() const { return fromBrain(bits); }
  __device__ __forceinline__ Brain16& operator=(float x) {
    bits = toBrain(x);
    return *this;
  }
};

#if defined(PRECISION_F16)
using Element = Half16;
#elif defined(PRECISION_BF16)
using Element = Brain16;
#else
using Element = float;
#endif

// COUNT neighbours that are loaded and stored as one; begins at a multiple of its size.
template <class T, int COUNT>
struct alignas(sizeof(T) * COUNT) Pack {
  T at[COUNT];
};

// As many elements as 16 bytes hold.
constexpr int PACKED = 16 / (int)sizeof(Element);
using Elements = Pack<Element, PACKED>;

// ---------------------------------------------------------------- reductions

struct Plus {
  static constexpr float NEUTRAL = 0.f;
  __device__ __forceinline__ static float apply(float a, float b) { return a + b; }
};

struct Max {
  static constexpr float NEUTRAL = -3.402823466e+38f;
  __device__ __forceinline__ static float apply(float a, float b) { return a > b ? a : b; }
};

// NaN if one of them is.
struct MaxOrNan {
  static constexpr float NEUTRAL = __builtin_bit_cast(float, 0xff800000u);  // minus infinity, for NVRTC has no headers
  __device__ __forceinline__ static float apply(float a, float b) { return a > b || a != a ? a : b; }
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
