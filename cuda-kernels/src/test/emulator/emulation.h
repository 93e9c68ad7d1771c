// CUDA C++ for g++: what the kernels in src/main/cuda use of the language, so that they run on a CPU.
//
// Every thread of a block is a fiber. It runs until it waits: at __syncthreads for its block, at a shuffle
// for its warp. The kernels are compiled with -fsanitize=thread, but not for that sanitizer: the calls it
// puts before each access to memory are answered by memory.cpp, which knows what is allocated, what has been
// written, and by whom since which barrier.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <utility>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __grid_constant__
#define EMULATED __attribute__((no_sanitize("thread")))

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
};

struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((uint64_t)a * b >> 32); }

namespace emulator {

// The thread that runs now.
struct Thread {
  uint3 index;
  int number;  // in its block
  unsigned collectives;
};
extern Thread* current;
extern uint3 block;
extern dim3 grid;
extern dim3 blockSize;

// All threads of the block wait for each other at the same place.
void waitForBlock(const char* file, int line);

// The lanes of the mask wait for each other; 64 bits of each are exchanged. Returns those of all lanes.
constexpr int FRAGMENT = 8;
struct Exchange {
  uint64_t bits[32][FRAGMENT];
};
const Exchange& exchange(unsigned mask, const uint64_t* bits, int count, const char* file, int line);
void waitForWarp(unsigned mask, const char* file, int line);

// The block's shared memory for the declaration of this number.
void* shared(int declaration, size_t bytes, size_t alignment);
// That which the launch gave room, for a declaration of so many bytes.
void* sharedAtLaunch(size_t bytes);
// Where in it p is.
unsigned sharedOffset(const void* p);

// Ends the launch with an error.
[[noreturn]] void fail(const char* format, ...);

// Asynchronous copies to shared memory: to holds nothing until they have been waited for.
void copyBegins(void* to, const void* from);
void copiesClose();
void copiesArrive(int pending);

// wgmma (warpgroup.cpp): sums hold nothing new until they have been waited for.
struct GroupProduct {
  unsigned long long a, b;  // descriptors
  int columns;
  bool turnedA, turnedB;
  float (*value)(unsigned short);
};
void multiplyGroup(const GroupProduct& product, float* sums, const char* file, int line);
void showToTensorCores();
void openGroup();
void closeGroup();
void waitForGroups(int pending);

// Copies of boxes (bulk.cpp), which arrive when their barrier is waited for.
void initBarrier(unsigned long long* barrier);
void showBarriers();
void expectBytes(unsigned long long* barrier, int bytes);
void copyBox(void* to, const void* map, int x, int y, unsigned long long* barrier);
void waitForBytes(unsigned long long* barrier, int parity);

using Invoke = void (*)(void* const* parameters);
void declare(const char* name, Invoke invoke, const size_t* sizes, int count);

template <auto kernel>
struct Export;

template <class... P, void (*kernel)(P...)>
struct Export<kernel> {
  template <size_t... I>
  EMULATED static void call(void* const* p, std::index_sequence<I...>) {
    kernel(*static_cast<P*>(p[I])...);
  }

  EMULATED static void invoke(void* const* p) { call(p, std::index_sequence_for<P...>()); }

  explicit Export(const char* name) {
    static const size_t sizes[] = {sizeof(P)...};
    declare(name, &invoke, sizes, (int)sizeof...(P));
  }
};

template <class T>
EMULATED inline T shuffle(unsigned mask, T value, int source, const char* file, int line) {
  static_assert(sizeof(T) == 4);
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof(T));
  const Exchange& all = exchange(mask, &bits, 1, file, line);
  memcpy(&value, &all.bits[source & 31][0], sizeof(T));
  return value;
}

}  // namespace emulator

#define threadIdx (emulator::current->index)
#define blockIdx (emulator::block)
#define blockDim (emulator::blockSize)
#define gridDim (emulator::grid)

#define __trap() emulator::fail("trapped at %s:%d", __FILE__, __LINE__)
#define __syncthreads() emulator::waitForBlock(__FILE__, __LINE__)
#define __syncwarp() emulator::waitForWarp(0xffffffffu, __FILE__, __LINE__)
#define __shfl_xor_sync(mask, value, offset) \
  emulator::shuffle(mask, value, (int)(threadIdx.x & 31) ^ (offset), __FILE__, __LINE__)
#define __shfl_sync(mask, value, lane) emulator::shuffle(mask, value, lane, __FILE__, __LINE__)

#define SHARED(type, name) \
  type& name = *static_cast<type*>(emulator::shared(__COUNTER__, sizeof(type), alignof(type)))
#define SHARED_AT_LAUNCH(type, name) type& name = *static_cast<type*>(emulator::sharedAtLaunch(sizeof(type)))
// VARIANT is the precision that the file is compiled for.
#define EXPORT(name) static const emulator::Export<&name> export_##name(#name " " VARIANT);

// ---------------------------------------------------------------- tensor cores

EMULATED inline unsigned bitsOf(float x) {
  unsigned bits;
  memcpy(&bits, &x, 4);
  return bits;
}

EMULATED inline float floatOf(unsigned bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

// Conversions give NaN the same bits whatever it was, as the PTX ISA says of cvt.

// To nearest, ties away from zero, on 10 bits of mantissa.
EMULATED inline unsigned toTf32(float x) {
  unsigned bits = bitsOf(x);
  return (bits & 0x7f800000u) == 0x7f800000u ? bits : (bits + 0x1000u) & ~0x1fffu;
}

EMULATED inline unsigned short toHalf(float x) {
  unsigned bits = bitsOf(x);
  unsigned sign = bits >> 16 & 0x8000u;
  float magnitude = std::fabs(x);
  if (!(magnitude <= 3.402823466e+38f)) {
    return (unsigned short)(magnitude > 0 ? sign | 0x7c00u : 0x7fffu);
  }
  if (magnitude >= 65520.f) {
    return (unsigned short)(sign | 0x7c00u);
  }
  if (magnitude < 6.103515625e-05f) {  // subnormal: a multiple of 2^-24
    return (unsigned short)(sign | (unsigned)std::nearbyint(magnitude * 16777216.f));
  }
  unsigned m = bits & 0x7fffffffu;
  m += 0xfffu + (m >> 13 & 1);  // to nearest, ties to even
  return (unsigned short)(sign | ((m >> 13) - (112u << 10)));
}

EMULATED inline float fromHalf(unsigned short h) {
  unsigned magnitude = h & 0x7fffu;
  if (magnitude > 0x7c00u) {
    return floatOf(0x7fffffffu);
  }
  unsigned bits = magnitude == 0x7c00u ? 0x7f800000u : bitsOf(floatOf(magnitude << 13) * 0x1p112f);
  return floatOf((unsigned)(h & 0x8000u) << 16 | bits);
}

EMULATED inline unsigned short toBrain(float x) {
  unsigned bits = bitsOf(x);
  if (x != x) {
    return 0x7fff;
  }
  return (unsigned short)((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

EMULATED inline float fromBrain(unsigned short b) { return floatOf((unsigned)b << 16); }

EMULATED inline unsigned toHalves(float low, float high) { return (unsigned)toHalf(high) << 16 | toHalf(low); }

EMULATED inline unsigned toBrains(float low, float high) { return (unsigned)toBrain(high) << 16 | toBrain(low); }

namespace emulator {

// Two words of 32 bits as up to four factors each, multiplied and summed.
struct Tf32Words {
  EMULATED static float dot(unsigned a, unsigned b) { return floatOf(a & ~0x1fffu) * floatOf(b & ~0x1fffu); }
};
struct HalfWords {
  EMULATED static float dot(unsigned a, unsigned b) {
    return fromHalf((unsigned short)a) * fromHalf((unsigned short)b) +
           fromHalf((unsigned short)(a >> 16)) * fromHalf((unsigned short)(b >> 16));
  }
};
struct BrainWords {
  EMULATED static float dot(unsigned a, unsigned b) {
    return floatOf(a << 16) * floatOf(b << 16) + floatOf(a & 0xffff0000u) * floatOf(b & 0xffff0000u);
  }
};

// mma.sync.m16n8k8 of TF32 or m16n8k16 of 16 bits: rows and columns of 8 words, spread over the lanes as in
// the PTX ISA, "Matrix Fragments for mma.m16n8k8" and "... m16n8k16".
template <class Words>
EMULATED inline void mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2], const char* file, int line) {
  uint64_t bits[3] = {(uint64_t)a[1] << 32 | a[0], (uint64_t)a[3] << 32 | a[2], (uint64_t)b[1] << 32 | b[0]};
  const Exchange& all = exchange(0xffffffffu, bits, 3, file, line);
  int lane = current->number & 31;
  int row = lane / 4;
  int column = lane % 4 * 2;
  for (int word = 0; word < 8; word++) {
    int half = word / 4;
    const uint64_t* left = all.bits[row * 4 + word % 4];
    const uint64_t* first = all.bits[column * 4 + word % 4];
    const uint64_t* second = all.bits[(column + 1) * 4 + word % 4];
    unsigned upper = (unsigned)left[half];
    unsigned lower = (unsigned)(left[half] >> 32);
    unsigned r0 = (unsigned)(first[2] >> (32 * half));
    unsigned r1 = (unsigned)(second[2] >> (32 * half));
    c[0] += Words::dot(upper, r0);
    c[1] += Words::dot(upper, r1);
    c[2] += Words::dot(lower, r0);
    c[3] += Words::dot(lower, r1);
  }
}

}  // namespace emulator

#define mmaTf32(c, a, b) emulator::mma<emulator::Tf32Words>(c, a, b, __FILE__, __LINE__)
#define mmaHalves(c, a, b) emulator::mma<emulator::HalfWords>(c, a, b, __FILE__, __LINE__)
#define mmaBrains(c, a, b) emulator::mma<emulator::BrainWords>(c, a, b, __FILE__, __LINE__)

namespace emulator {

// ldmatrix: of the rows of 16 bytes at which the lanes point.
EMULATED inline const Exchange& rows(const uint64_t (&row)[2], const char* file, int line) {
  return exchange(0xffffffffu, row, 2, file, line);
}

EMULATED inline unsigned halfAt(const Exchange& all, int row, int column) {
  return (unsigned)(all.bits[row][column / 4] >> (16 * (column % 4))) & 0xffffu;
}

EMULATED inline void matrices(
    unsigned (&r)[4], const uint64_t (&row)[2], bool turned, const char* file, int line) {
  const Exchange& all = rows(row, file, line);
  int lane = current->number & 31;
  for (int i = 0; i < 4; i++) {
    int first = 8 * i;
    r[i] = turned ? halfAt(all, first + lane % 4 * 2, lane / 4) | halfAt(all, first + lane % 4 * 2 + 1, lane / 4) << 16
                  : (unsigned)(all.bits[first + lane / 4][lane % 4 / 2] >> (32 * (lane % 2)));
  }
}

// Not EMULATED: the read of shared memory is to be seen.
inline void readRow(uint64_t (&row)[2], const void* from) {
  uint4 words = *static_cast<const uint4*>(from);
  row[0] = (uint64_t)words.y << 32 | words.x;
  row[1] = (uint64_t)words.w << 32 | words.z;
}

}  // namespace emulator

#define loadMatrices(r, from)                                \
  do {                                                       \
    uint64_t row_[2];                                        \
    emulator::readRow(row_, from);                           \
    emulator::matrices(r, row_, false, __FILE__, __LINE__);  \
  } while (false)
#define loadMatricesTurned(r, from)                          \
  do {                                                       \
    uint64_t row_[2];                                        \
    emulator::readRow(row_, from);                           \
    emulator::matrices(r, row_, true, __FILE__, __LINE__);   \
  } while (false)

inline void copyAsync(void* to, const void* from) { emulator::copyBegins(to, from); }
inline void closeCopies() { emulator::copiesClose(); }
template <int PENDING>
inline void waitForCopies() {
  emulator::copiesArrive(PENDING);
}

inline unsigned sharedAddress(const void* p) { return emulator::sharedOffset(p); }
inline void showToTensorCores() { emulator::showToTensorCores(); }
inline void holdSum(float&) {}
inline void openGroup() { emulator::openGroup(); }
inline void closeGroup() { emulator::closeGroup(); }
template <int PENDING>
inline void waitForGroups() {
  emulator::waitForGroups(PENDING);
}
template <bool TURNED_A, bool TURNED_B, int STEPS>
inline void multiplyGroup(float (&sums)[STEPS][4], unsigned long long a, unsigned long long b) {
#if defined(PRECISION_BF16)
  constexpr auto value = &fromBrain;
#else
  constexpr auto value = &fromHalf;
#endif
  emulator::multiplyGroup({a, b, 8 * STEPS, TURNED_A, TURNED_B, value}, &sums[0][0], __FILE__, __LINE__);
}

inline void initBarrier(unsigned long long& barrier) { emulator::initBarrier(&barrier); }
inline void showBarriers() { emulator::showBarriers(); }
inline void expectBytes(unsigned long long& barrier, int bytes) { emulator::expectBytes(&barrier, bytes); }
template <class Map>
inline void copyBox(void* to, const Map& map, int x, int y, unsigned long long& barrier) {
  emulator::copyBox(to, &map, x, y, &barrier);
}
inline void waitForBytes(unsigned long long& barrier, int parity) { emulator::waitForBytes(&barrier, parity); }
