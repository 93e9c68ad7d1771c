// Softmax over rows, one block a row, and its backward pass.
#include "common.cuh"

// In place where out is x. Of row r the first visible(r) elements take part and the rest become 0.
// queries is 0 for a plain softmax; otherwise the rows are [matrices, queries] and row i of a matrix
// sees the elements 0 ... i only.
extern "C" __global__ void softmax(int width, int queries, const Element* x, Element* out) {
  int row = (int)blockIdx.x;
  int visible = queries == 0 ? width : min(width, row % queries + 1);
  const Element* in = x + row * width;
  Element* to = out + row * width;
  float largest = Max::NEUTRAL;
  for (int i = (int)threadIdx.x; i < visible; i += (int)blockDim.x) {
    largest = fmaxf(largest, in[i]);
  }
  largest = reduceBlock<Max>(largest);
  float sum = 0.f;
  for (int i = (int)threadIdx.x; i < visible; i += (int)blockDim.x) {
    sum += expf(in[i] - largest);
  }
  float inverse = 1.f / reduceBlock<Plus>(sum);
  for (int i = (int)threadIdx.x; i < width; i += (int)blockDim.x) {
    to[i] = i < visible ? expf(in[i] - largest) * inverse : 0.f;
  }
}
EXPORT(softmax)

// gradX = factor * y * (g - sum(g * y)), where g is gradOut + more; more may be null.
extern "C" __global__ void softmax_backward(
    int width, float factor, const Element* y, const Element* gradOut, const Element* more, Element* gradX) {
  int start = (int)blockIdx.x * width;
  float dot = 0.f;
  for (int i = start + (int)threadIdx.x; i < start + width; i += (int)blockDim.x) {
    dot += y[i] * (more == nullptr ? (float)gradOut[i] : gradOut[i] + more[i]);
  }
  dot = reduceBlock<Plus>(dot);
  for (int i = start + (int)threadIdx.x; i < start + width; i += (int)blockDim.x) {
    float grad = more == nullptr ? (float)gradOut[i] : gradOut[i] + more[i];
    gradX[i] = factor * y[i] * (grad - dot);
  }
}
EXPORT(softmax_backward)
