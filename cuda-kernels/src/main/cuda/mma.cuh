// The instructions of tensor cores and what feeds them: products are exact and sums are float32. The
// emulator has functions of the same names.
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
#if __CUDA_ARCH__ >= 800
  unsigned bits;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
  return bits;
#else
  return (unsigned)toHalf(high) << 16 | toHalf(low);
#endif
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

// Four matrices of 8 rows of 16 bytes, whose addresses the lanes hold, 8 lanes a matrix. Lane l receives
// of each matrix word l % 4 of row l / 4.
__device__ __forceinline__ void loadMatrices(unsigned (&r)[4], const void* row) {
  unsigned address = (unsigned)__cvta_generic_to_shared(row);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}

// The same of the matrices of 8 x 8 elements of 16 bits, turned.
__device__ __forceinline__ void loadMatricesTurned(unsigned (&r)[4], const void* row) {
  unsigned address = (unsigned)__cvta_generic_to_shared(row);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}

// Begins to copy 16 bytes from global to shared memory; zeros where from is null. They have arrived once
// waitForCopies has returned and the block has passed a barrier.
__device__ __forceinline__ void copyAsync(void* to, const void* from) {
#if __CUDA_ARCH__ >= 800
  unsigned address = (unsigned)__cvta_generic_to_shared(to);
  int bytes = from == nullptr ? 0 : 16;
  unsigned long long global = (unsigned long long)__cvta_generic_to_global(from);
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(global), "r"(bytes)
               : "memory");
#else
  *static_cast<uint4*>(to) = from == nullptr ? make_uint4(0, 0, 0, 0) : *static_cast<const uint4*>(from);
#endif
}

// What has been begun since the last call becomes one group.
__device__ __forceinline__ void closeCopies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

// Waits for this thread's groups, but for the last PENDING.
template <int PENDING>
__device__ __forceinline__ void waitForCopies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
#endif
}

#endif  // otherwise the emulator's

// What multiplies Elements of 16 bits.
struct Halves {
  __device__ __forceinline__ static void mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if defined(PRECISION_BF16)
    mmaBrains(c, a, b);
#else
    mmaHalves(c, a, b);
#endif
  }

  // low goes to the lower half.
  __device__ __forceinline__ static unsigned word(float low, float high) {
#if defined(PRECISION_BF16)
    return toBrains(low, high);
#else
    return toHalves(low, high);
#endif
  }

  // The products of the lower halves and of the upper ones, rounded once.
  __device__ __forceinline__ static unsigned product(unsigned a, unsigned b) {
#if defined(__CUDACC__) && defined(PRECISION_F16)
    unsigned bits;
    asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(bits) : "r"(a), "r"(b));
    return bits;
#elif defined(PRECISION_BF16)
    return word(
        fromBrain((unsigned short)a) * fromBrain((unsigned short)b),
        fromBrain((unsigned short)(a >> 16)) * fromBrain((unsigned short)(b >> 16)));
#else
    return word(
        fromHalf((unsigned short)a) * fromHalf((unsigned short)b),
        fromHalf((unsigned short)(a >> 16)) * fromHalf((unsigned short)(b >> 16)));
#endif
  }
};
