// Layer normalisation (Ba, Kiros and Hinton, 2016), one block a row.
#include "common.cuh"

extern "C" __global__ void layer_norm(
    int width, float epsilon, const Element* x, const Element* gamma, const Element* beta, Element* out, float* stats) {
  int row = (int)blockIdx.x;
  const Element* in = x + row * width;
  float sum = 0.f;
  for (int i = (int)threadIdx.x; i < width; i += (int)blockDim.x) {
    sum += in[i];
  }
  float mean = reduceBlock<Plus>(sum) / (float)width;
  float squares = 0.f;
  for (int i = (int)threadIdx.x; i < width; i += (int)blockDim.x) {
    float d = in[i] - mean;
    squares += d * d;
  }
  float inverse = 1.f / sqrtf(reduceBlock<Plus>(squares) / (float)width + epsilon);
  for (int i = (int)threadIdx.x; i < width; i += (int)blockDim.x) {
    out[row * width + i] = (in[i] - mean) * inverse * gamma[i] + beta[i];
  }
  if (threadIdx.x == 0) {
    stats[2 * row] = mean;
    stats[2 * row + 1] = inverse;
  }
}
EXPORT(layer_norm)

// With n the normalised row, g the gradient times gamma and r = 1 / sqrt(variance + epsilon):
// gradX = r * (g - mean(g) - n * mean(g * n)).
extern "C" __global__ void layer_norm_backward(
    int width, const Element* x, const Element* gamma, const float* stats, const Element* gradOut, Element* gradX) {
  int row = (int)blockIdx.x;
  int start = row * width;
  float mean = stats[2 * row];
  float inverse = stats[2 * row + 1];
  float sum = 0.f;
  float product = 0.f;
  for (int i = (int)threadIdx.x; i < width; i += (int)blockDim.x) {
    float g = gradOut[start + i] * gamma[i];
    sum += g;
    product += g * ((x[start + i] - mean) * inverse);
  }
  float meanG = reduceBlock<Plus>(sum) / (float)width;
  float meanProduct = reduceBlock<Plus>(product) / (float)width;
  for (int i = (int)threadIdx.x; i < width; i += (int)blockDim.x) {
    float g = gradOut[start + i] * gamma[i];
    float normal = (x[start + i] - mean) * inverse;
    gradX[start + i] = inverse * (g - meanG - normal * meanProduct);
  }
}
EXPORT(layer_norm_backward)

// One thread a column: the sums over runs of depth rows, for beta and then for gamma, of which
// the gradients are made by sum_columns.
extern "C" __global__ void layer_norm_parameters(
    int size,
    int rows,
    int depth,
    Divisor width,
    const Element* x,
    const float* stats,
    const Element* gradOut,
    float* partials) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int part = width.quotient(i);
    int column = i - part * width.divisor;
    int to = min(rows, (part + 1) * depth);
    float beta = 0.f;
    float gamma = 0.f;
    for (int row = part * depth; row < to; row++) {
      int at = row * width.divisor + column;
      beta += gradOut[at];
      gamma += gradOut[at] * ((x[at] - stats[2 * row]) * stats[2 * row + 1]);
    }
    partials[i] = beta;
    partials[size + i] = gamma;
  }
}
EXPORT(layer_norm_parameters)
