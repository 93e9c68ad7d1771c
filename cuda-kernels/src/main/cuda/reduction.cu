// Sums over the middle axis of [outer, reduced, inner]. Long sums are cut into parts, which a second
// launch adds up; parts and orders depend on the extents alone.
#include "common.cuh"

// One thread a column: out[outer, part, inner]. For inner > 1, where neighbours read neighbours.
extern "C" __global__ void sum_columns(
    int size, int reduced, int parts, int depth, Divisor inner, Divisor partsOf, const float* x, float* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int task = inner.quotient(i);
    int outer = partsOf.quotient(task);
    int from = (task - outer * parts) * depth;
    int to = min(reduced, from + depth);
    const float* column = x + outer * reduced * inner.divisor + i - task * inner.divisor;
    float sum = 0.f;
    float lost = 0.f;  // what rounding takes off (Kahan, 1965)
    for (int r = from; r < to; r++) {
      float term = column[r * inner.divisor] - lost;
      float next = sum + term;
      lost = (next - sum) - term;
      sum = next;
    }
    out[i] = sum;
  }
}
EXPORT(sum_columns)

// One block a part of a row: out[outer, part]. For inner = 1.
extern "C" __global__ void sum_rows(int reduced, int parts, int depth, const float* x, float* out) {
  int outer = (int)blockIdx.x / parts;
  int from = ((int)blockIdx.x - outer * parts) * depth;
  int to = min(reduced, from + depth);
  const float* row = x + outer * reduced;
  float sum = 0.f;
  for (int i = from + (int)threadIdx.x; i < to; i += (int)blockDim.x) {
    sum += row[i];
  }
  sum = reduceBlock<Plus>(sum);
  if (threadIdx.x == 0) {
    out[blockIdx.x] = sum;
  }
}
EXPORT(sum_rows)

// Adds up the parts of a sum over the depth that was split among blocks: parts[product, split, element],
// out[product, element] = alpha * sum + bias[element % columns]. Products are laid out as by Matmul.
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
    const float* bias,
    const float* parts,
    float* out) {
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
    out[to] = bias == nullptr ? alpha * sum : alpha * sum + bias[column];
  }
}
EXPORT(sum_splits)
