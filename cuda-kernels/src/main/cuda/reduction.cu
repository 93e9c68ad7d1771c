// Sums and maxima over the middle axis of [outer, reduced, inner]. Long sums are cut into parts, which a second
// launch adds up; parts and orders depend on the extents alone.
#include "common.cuh"

// Which part of which column or row a thread or block works on.
struct Reduction {
  int reduced;
  int parts;
  int depth;
  Divisor inner;
  Divisor partsOf;
};

// The sum of every stride-th of count elements.
template <class In>
__device__ __forceinline__ float sumAlong(const In* x, int count, int stride) {
  float sum = 0.f;
  float lost = 0.f;  // what rounding takes off (Kahan, 1965)
  for (int r = 0; r < count; r++) {
    float term = x[r * stride] - lost;
    float next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  }
  return sum;
}

// One thread a column: out[outer, part, inner]. For inner > 1, where neighbours read neighbours.
template <class F, class In, class Out>
__device__ __forceinline__ void columns(int size, const Reduction& s, const In* x, Out* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int task = s.inner.quotient(i);
    int outer = s.partsOf.quotient(task);
    int from = (task - outer * s.parts) * s.depth;
    int count = min(s.reduced - from, s.depth);
    const In* column = x + (outer * s.reduced + from) * s.inner.divisor + i - task * s.inner.divisor;
    out[i] = F::along(column, count, s.inner.divisor);
  }
}

// One block a part of a row: out[outer, part]. For inner = 1.
template <class F, class In, class Out>
__device__ __forceinline__ void rows(const Reduction& s, const In* x, Out* out) {
  int outer = s.partsOf.quotient((int)blockIdx.x);
  int from = ((int)blockIdx.x - outer * s.parts) * s.depth;
  int to = min(s.reduced, from + s.depth);
  const In* row = x + outer * s.reduced;
  float result = F::Lanes::NEUTRAL;
  for (int i = from + (int)threadIdx.x; i < to; i += (int)blockDim.x) {
    result = F::Lanes::apply(result, row[i]);
  }
  result = reduceBlock<typename F::Lanes>(result);
  if (threadIdx.x == 0) {
    out[blockIdx.x] = result;
  }
}

struct Sum {
  using Lanes = Plus;
  template <class In>
  __device__ __forceinline__ static float along(const In* x, int count, int stride) {
    return sumAlong(x, count, stride);
  }
};

struct Maximum {
  using Lanes = MaxOrNan;
  template <class In>
  __device__ __forceinline__ static float along(const In* x, int count, int stride) {
    float result = x[0];
    for (int r = 1; r < count; r++) {
      result = MaxOrNan::apply(result, x[r * stride]);
    }
    return result;
  }
};

#define REDUCTION(name, F, In, Out)                                                                  \
  extern "C" __global__ void name##_columns(int size, Reduction s, const In* x, Out* out) { \
    columns<F>(size, s, x, out);                                                                     \
  }                                                                                                  \
  EXPORT(name##_columns)                                                                             \
  extern "C" __global__ void name##_rows(Reduction s, const In* x, Out* out) { rows<F>(s, x, out); } \
  EXPORT(name##_rows)

// Elements at once; elements to parts, parts to fewer parts, parts to elements.
REDUCTION(sum, Sum, Element, Element)
REDUCTION(sum_first, Sum, Element, float)
REDUCTION(sum_next, Sum, float, float)
REDUCTION(sum_last, Sum, float, Element)
REDUCTION(max, Maximum, Element, Element)

// One block a part: out[part] = weight * sum((a - b)^2).
extern "C" __global__ void squared_distance(
    int size, int depth, float weight, const Element* a, const Element* b, float* out) {
  int from = (int)blockIdx.x * depth;
  int count = min(size - from, depth);
  int packs = count / PACKED;  // depth is a multiple of it
  float sum = 0.f;
  for (int i = (int)threadIdx.x; i < packs; i += (int)blockDim.x) {
    Elements left = reinterpret_cast<const Elements*>(a + from)[i];
    Elements right = reinterpret_cast<const Elements*>(b + from)[i];
#pragma unroll
    for (int j = 0; j < PACKED; j++) {
      float distance = left.at[j] - right.at[j];
      sum += distance * distance;
    }
  }
  for (int i = from + packs * PACKED + (int)threadIdx.x; i < from + count; i += (int)blockDim.x) {
    float distance = a[i] - b[i];
    sum += distance * distance;
  }
  sum = reduceBlock<Plus>(sum);
  if (threadIdx.x == 0) {
    out[blockIdx.x] = weight * sum;
  }
}
EXPORT(squared_distance)

// Adds up the parts of a sum over the depth that was split among blocks: parts[product, split, element],
// out[product, element] = alpha * scales[product, column] * sum + bias[column] + addend[product, element], where
// column is element % columns. Products are laid out as by Matmul.
extern "C" __global__ void sum_splits(
    int size,
    int splits,
    Divisor matrix,
    Divisor columns,
    Divisor inner,
    int outerOut,
    int innerOut,
    int strideOut,
    float alpha,
    const Element* bias,
    const Element* addend,
    const Element* scales,
    const float* parts,
    Element* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int product = matrix.quotient(i);
    int element = i - product * matrix.divisor;
    const float* part = parts + product * splits * matrix.divisor + element;
    float sum = 0.f;
    for (int split = 0; split < splits; split++) {
      sum += part[split * matrix.divisor];
    }
    int row = columns.quotient(element);
    int column = element - row * columns.divisor;
    int outer = inner.quotient(product);
    int to = outer * outerOut + (product - outer * inner.divisor) * innerOut + row * strideOut + column;
    float value = scales == nullptr ? alpha * sum : alpha * sum * scales[product * columns.divisor + column];
    value = bias == nullptr ? value : value + bias[column];
    out[to] = addend == nullptr ? value : value + addend[to];
  }
}
EXPORT(sum_splits)
