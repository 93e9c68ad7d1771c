// Between the parts of the emulator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "emulation.h"

namespace emulator {

struct Kernel {
  std::string name;
  Invoke invoke;
  const size_t* sizes;
  int count;
};

// The kernel of that name, or null.
const Kernel* find(const std::string& name);

// Runs all blocks. Returns an empty string, or what went wrong.
std::string launch(const Kernel& kernel, dim3 grid, dim3 block, size_t dynamicShared, void* const* parameters);

// ------------------------------------------------ memory.cpp

// Device memory of exactly this size, never written; 0 if there is none left.
uintptr_t allocate(size_t bytes);
// False if nothing begins there.
bool release(uintptr_t start);
size_t bytesTotal();
size_t bytesFree();
// Whether all of it belongs to one allocation; and if it has to be, has been written.
bool isWithin(uintptr_t start, size_t bytes, bool written, std::string& why);
void markWritten(uintptr_t start, size_t bytes);

// A launch, a block of it, the barriers of the block and of its warps, and a thread between two waits.
void launchBegins();
void blockBegins(size_t dynamicShared);
void threadResumes();
void barrierPassed();
void warpBarrierPassed(int warp);

// An element of 16 bits in shared memory, read by the thread at work.
unsigned short readShared(unsigned offset);
// Whether a thread of the block has written to shared memory since it last called showToTensorCores.
bool isHiddenFromTensorCores();
void groupsBegin();
void barriersBegin();

// What cuTensorMapEncodeTiled writes, and copyBox reads: a matrix of elements of 16 bits.
struct EncodedMap {
  uint64_t kind;  // KIND
  uint64_t address;
  uint64_t width, height;  // elements
  uint64_t stride;         // bytes
  uint32_t boxWidth, boxHeight;
  static constexpr uint64_t KIND = 0x6d61702d36346221;
};

// 16 bytes on their way to shared memory: from here on nothing may read them.
void announce(unsigned offset);
// They arrive, in what the tensor cores see as well; from a place in global memory, or zeros.
void deliver(unsigned offset, uint64_t from);

// Where the stacks of the fibers are: kernels may use them freely.
void setStacks(uintptr_t start, size_t bytes);

}  // namespace emulator
