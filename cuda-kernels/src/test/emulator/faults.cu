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
