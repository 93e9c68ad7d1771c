// Functions of one and of two tensors, GEGLU, fill. One thread an element, in grid-stride loops.
#include "common.cuh"

// In the order of io.github.pix2pixzero.tensor.backend.Unary.
enum Function { SILU, GELU, QUICK_GELU, GELU_TANH, SIGMOID, TANH, SOFTPLUS, EXP, LOG, SQRT, SQUARE };

constexpr float INVERSE_SQRT_2 = 0.70710678f;
constexpr float INVERSE_SQRT_2_PI = 0.39894228f;
constexpr float QUICK = 1.702f;
constexpr float SQRT_2_OVER_PI = 0.79788456f;
constexpr float CUBIC = 0.044715f;

__device__ __forceinline__ float sigmoid(float x) { return 1.f / (1.f + expf(-x)); }

__device__ __forceinline__ float normalCdf(float x) { return 0.5f * erfcf(-x * INVERSE_SQRT_2); }

__device__ __forceinline__ float gelu(float x) { return x * normalCdf(x); }

__device__ __forceinline__ float geluSlope(float x) {
  return normalCdf(x) + x * INVERSE_SQRT_2_PI * expf(-0.5f * x * x);
}

// x * sigmoid(x); where the exponential overflows the result is -0.
__device__ __forceinline__ float silu(float x) { return x / (1.f + expf(-x)); }

__device__ __forceinline__ float siluSlope(float x) {
  float s = sigmoid(x);
  return s * (1.f + x * (1.f - s));
}

__device__ float valueOf(int f, float x) {
  switch (f) {
    case SILU:
      return silu(x);
    case GELU:
      return gelu(x);
    case QUICK_GELU:
      return x * sigmoid(QUICK * x);
    case GELU_TANH:
      return 0.5f * x * (1.f + tanhf(SQRT_2_OVER_PI * (x + CUBIC * x * x * x)));
    case SIGMOID:
      return sigmoid(x);
    case TANH:
      return tanhf(x);
    case SOFTPLUS:
      return fmaxf(x, 0.f) + log1pf(expf(-fabsf(x)));
    case EXP:
      return expf(x);
    case LOG:
      return logf(x);
    case SQRT:
      return sqrtf(x);
    default:  // SQUARE
      return x * x;
  }
}

__device__ float slopeOf(int f, float x) {
  switch (f) {
    case SILU:
      return siluSlope(x);
    case GELU:
      return geluSlope(x);
    case QUICK_GELU:
      return siluSlope(QUICK * x);
    case GELU_TANH: {
      float t = tanhf(SQRT_2_OVER_PI * (x + CUBIC * x * x * x));
      // (1 - t) (1 + t) is exactly 0 where the polynomial beside it overflows.
      float slope = (1.f - t) * (1.f + t);
      float inner = slope == 0.f ? 0.f : SQRT_2_OVER_PI * (1.f + 3.f * CUBIC * x * x);
      return 0.5f * (1.f + t) + 0.5f * x * slope * inner;
    }
    case SIGMOID:
      return sigmoid(x) * sigmoid(-x);
    case TANH: {
      float e = expf(-2.f * fabsf(x));  // 1 / cosh^2 without overflow or cancellation
      return 4.f * e / ((1.f + e) * (1.f + e));
    }
    case SOFTPLUS:
      return sigmoid(x);
    case EXP:
      return expf(x);
    case LOG:
      return 1.f / x;
    case SQRT:
      return 0.5f / sqrtf(x);
    default:  // SQUARE
      return 2.f * x;
  }
}

extern "C" __global__ void unary(int f, int size, const float* x, float* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    out[i] = valueOf(f, x[i]);
  }
}
EXPORT(unary)

extern "C" __global__ void unary_backward(int f, int size, const float* x, const float* gradOut, float* gradX) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    gradX[i] = slopeOf(f, x[i]) * gradOut[i];
  }
}
EXPORT(unary_backward)

extern "C" __global__ void affine(int size, const float* x, float scale, float shift, float* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    out[i] = scale * x[i] + shift;
  }
}
EXPORT(affine)

extern "C" __global__ void fill(int size, float value, float* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    out[i] = value;
  }
}
EXPORT(fill)

// In the order of io.github.pix2pixzero.tensor.backend.Binary.
enum Operator { ADD, SUB, MUL, DIV };

__device__ __forceinline__ float resultOf(int f, float a, float b) {
  switch (f) {
    case ADD:
      return a + b;
    case SUB:
      return a - b;
    case MUL:
      return a * b;
    default:  // DIV
      return a / b;
  }
}

extern "C" __global__ void binary_abreast(int f, int size, const float* a, const float* b, float* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    out[i] = resultOf(f, a[i], b[i]);
  }
}
EXPORT(binary_abreast)

constexpr int MAX_RANK = 8;

// A row-major walk over two tensors at once; axis 0 is the innermost.
struct Walk {
  int rank;
  Divisor extents[MAX_RANK];
  int aStrides[MAX_RANK];
  int bStrides[MAX_RANK];

  __device__ __forceinline__ void seek(int index, int& a, int& b) const {
    for (int axis = 0; axis < rank - 1; axis++) {
      int rest = extents[axis].quotient(index);
      int at = index - rest * extents[axis].divisor;
      a += at * aStrides[axis];
      b += at * bStrides[axis];
      index = rest;
    }
    a += index * aStrides[rank - 1];
    b += index * bStrides[rank - 1];
  }
};

extern "C" __global__ void binary(int f, Walk walk, int size, const float* a, const float* b, float* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int atA = 0;
    int atB = 0;
    walk.seek(i, atA, atB);
    out[i] = resultOf(f, a[atA], b[atB]);
  }
}
EXPORT(binary)

extern "C" __global__ void strided_copy(
    Walk walk, int size, int sourceOffset, int targetOffset, const float* source, float* target) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int from = sourceOffset;
    int to = targetOffset;
    walk.seek(i, from, to);
    target[to] = source[from];
  }
}
EXPORT(strided_copy)

// Of each row of 2 width elements the first half times GELU of the second (Shazeer, 2020).
extern "C" __global__ void geglu(int size, Divisor width, const float* x, float* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int at = i + width.quotient(i) * width.divisor;
    out[i] = x[at] * gelu(x[at + width.divisor]);
  }
}
EXPORT(geglu)

extern "C" __global__ void geglu_backward(
    int size, Divisor width, const float* x, const float* gradOut, float* gradX) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int at = i + width.quotient(i) * width.divisor;
    float gate = x[at + width.divisor];
    gradX[at] = gradOut[i] * gelu(gate);
    gradX[at + width.divisor] = gradOut[i] * x[at] * geluSlope(gate);
  }
}
EXPORT(geglu_backward)
