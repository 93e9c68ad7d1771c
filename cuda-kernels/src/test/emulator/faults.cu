// Kernels that do what kernels must not, to see that the emulator reports each. Not part of the backend.
#include "common.cuh"

extern "C" __global__ void fault_read_beyond(int size, const float* x, float* out) {
  out[threadIdx.x] = x[threadIdx.x + size];
}
EXPORT(fault_read_beyond)

extern "C" __global__ void fault_write_beyond(int size, const float*, float* out) { out[(int)threadIdx.x + size] = 1.f; }
EXPORT(fault_write_beyond)

extern "C" __global__ void fault_shared_beyond(int size, const float*, float* out) {
  using Row = float[32];
  SHARED(Row, row);
  row[threadIdx.x] = 1.f;
  __syncthreads();
  out[threadIdx.x] = (&row[0])[(int)threadIdx.x + size];
}
EXPORT(fault_shared_beyond)

extern "C" __global__ void fault_never_written(int, const float*, float* out) {
  using Row = float[32];
  SHARED(Row, row);
  out[threadIdx.x] = row[threadIdx.x];
}
EXPORT(fault_never_written)

extern "C" __global__ void fault_divergent_barrier(int size, const float*, float* out) {
  if ((int)threadIdx.x < size / 2) {
    __syncthreads();
  }
  out[threadIdx.x] = 1.f;
}
EXPORT(fault_divergent_barrier)

extern "C" __global__ void fault_divergent_shuffle(int size, const float*, float* out) {
  float value = 1.f;
  if ((int)threadIdx.x < size / 2) {
    value = __shfl_xor_sync(ALL_LANES, value, 1);
  }
  out[threadIdx.x] = value;
}
EXPORT(fault_divergent_shuffle)

extern "C" __global__ void fault_race(int size, const float*, float* out) {
  using Row = float[32];
  SHARED(Row, row);
  row[threadIdx.x] = 1.f;
  __syncthreads();
  out[threadIdx.x] = row[((int)threadIdx.x + 1) % size];
  row[threadIdx.x] = 2.f;
}
EXPORT(fault_race)

extern "C" __global__ void fault_race_between_blocks(int, const float*, float* out) { out[threadIdx.x] = 1.f; }
EXPORT(fault_race_between_blocks)

extern "C" __global__ void fault_null(int, const float*, float* out) {
  const float* nothing = nullptr;
  out[threadIdx.x] = nothing[threadIdx.x + (out == nullptr ? 1 : 0)];
}
EXPORT(fault_null)

// Copies that nobody waits for, barrier or not.
extern "C" __global__ void fault_missed_wait(int size, const float* x, float* out) {
  struct alignas(16) Row {
    float values[32];
  };
  SHARED(Row, row);
  if ((int)threadIdx.x < size / 4) {
    copyAsync(&row.values[4 * threadIdx.x], x + 4 * threadIdx.x);
    closeCopies();
  }
  __syncthreads();
  out[threadIdx.x] = row.values[threadIdx.x];
}
EXPORT(fault_missed_wait)

// Copies that only whoever made them has waited for.
extern "C" __global__ void fault_missed_barrier(int size, const float* x, float* out) {
  struct alignas(16) Row {
    float values[32];
  };
  SHARED(Row, row);
  if ((int)threadIdx.x < size / 4) {
    copyAsync(&row.values[4 * threadIdx.x], x + 4 * threadIdx.x);
    closeCopies();
    waitForCopies<0>();
  }
  out[threadIdx.x] = row.values[threadIdx.x % size];
}
EXPORT(fault_missed_barrier)

// What wgmma reads: 64 rows of A and 160 of B, 64 deep. Every thread writes a part of it.
struct alignas(1024) Operands {
  unsigned pairs[224 * 32];
};

__device__ void writeOperands(Operands& operands) {
  for (int i = (int)threadIdx.x; i < 224 * 32; i += (int)blockDim.x) {
    operands.pairs[i] = 0;
  }
}

__device__ void multiplyOperands(const Operands& operands, float (&sums)[20][4]) {
  unsigned long long rest = 1ull << 62 | 64ull << 32 | 1ull << 16;
  unsigned long long a = rest | sharedAddress(operands.pairs) / 16;
  unsigned long long b = rest | sharedAddress(operands.pairs + 64 * 32) / 16;
  multiplyGroup<false, false>(sums, a, b);
}

extern "C" __global__ void fault_hidden_operands(int, const float*, float*) {
  SHARED(Operands, operands);
  float sums[20][4] = {};
  writeOperands(operands);
  __syncthreads();
  openGroup();
  multiplyOperands(operands, sums);
}
EXPORT(fault_hidden_operands)

extern "C" __global__ void fault_group_not_opened(int, const float*, float*) {
  SHARED(Operands, operands);
  float sums[20][4] = {};
  writeOperands(operands);
  showToTensorCores();
  __syncthreads();
  multiplyOperands(operands, sums);
}
EXPORT(fault_group_not_opened)

extern "C" __global__ void fault_operands_overwritten(int, const float*, float*) {
  SHARED(Operands, operands);
  float sums[20][4] = {};
  writeOperands(operands);
  showToTensorCores();
  __syncthreads();
  openGroup();
  multiplyOperands(operands, sums);
  closeGroup();
  __syncthreads();
  if (threadIdx.x == 1) {
    operands.pairs[0] = 1;
  }
  waitForGroups<0>();
}
EXPORT(fault_operands_overwritten)

struct Barrier {
  unsigned long long arrived;
};

extern "C" __global__ void fault_wait_without_end(int, const float*, float*) {
  SHARED(Barrier, barrier);
  if (threadIdx.x == 0) {
    initBarrier(barrier.arrived);
    showBarriers();
    expectBytes(barrier.arrived, 4096);
  }
  __syncthreads();
  waitForBytes(barrier.arrived, 0);
}
EXPORT(fault_wait_without_end)

extern "C" __global__ void fault_hidden_barrier(int, const float* x, float*) {
  SHARED(Barrier, barrier);
  SHARED(Operands, operands);
  if (threadIdx.x == 0) {
    initBarrier(barrier.arrived);
    expectBytes(barrier.arrived, 4096);
    copyBox(operands.pairs, *reinterpret_cast<const TensorMap*>(x), 0, 0, barrier.arrived);
  }
}
EXPORT(fault_hidden_barrier)
