// Functions of one and of two tensors, GEGLU, fill. A thread takes 16 bytes at a time where the tensors lie
// side by side: they begin at multiples of that, as all storages do.
#include "gelu.cuh"

// out[i] = f(a[i], b[i]); b may be a, and out either of them.
template <class F>
__device__ __forceinline__ void map(int size, const Element* a, const Element* b, Element* out, F f) {
  int packs = size / PACKED;
  for (int i = gridThread(); i < packs; i += gridThreads()) {
    Elements left = reinterpret_cast<const Elements*>(a)[i];
    Elements right = reinterpret_cast<const Elements*>(b)[i];
    Elements result;
#pragma unroll
    for (int j = 0; j < PACKED; j++) {
      result.at[j] = f(left.at[j], right.at[j]);
    }
    reinterpret_cast<Elements*>(out)[i] = result;
  }
  for (int i = packs * PACKED + gridThread(); i < size; i += gridThreads()) {
    out[i] = f(a[i], b[i]);
  }
}

// In the order of io.github.pix2pixzero.tensor.backend.Unary.
enum Function { SILU, GELU, QUICK_GELU, GELU_TANH, SIGMOID, TANH, SOFTPLUS, NORMAL_CDF, EXP, LOG, SQRT, SQUARE };

constexpr float INVERSE_SQRT_2_PI = 0.39894228f;
constexpr float QUICK = 1.702f;
constexpr float SQRT_2_OVER_PI = 0.79788456f;
constexpr float CUBIC = 0.044715f;

__device__ __forceinline__ float sigmoid(float x) { return 1.f / (1.f + expf(-x)); }

// exp(-x^2 / 2) / sqrt(2 pi), with the digits of x^2 that rounding takes off.
__device__ __forceinline__ float normalDensity(float x) {
  float square = x * x;
  if (!(square < 300.f)) {
    return x != x ? x : 0.f;
  }
  float lost = fmaf(x, x, -square);
  return INVERSE_SQRT_2_PI * expf(-0.5f * square) * (1.f - 0.5f * lost);
}

__device__ __forceinline__ float geluSlope(float x) {
  return normalCdf(x) + x * normalDensity(x);
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
    case NORMAL_CDF:
      return normalCdf(x);
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
    case NORMAL_CDF:
      return normalDensity(x);
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

extern "C" __global__ void unary(int f, int size, const Element* x, Element* out) {
  map(size, x, x, out, [=](float a, float) { return valueOf(f, a); });
}
EXPORT(unary)

extern "C" __global__ void unary_backward(
    int f, int size, const Element* x, const Element* gradOut, Element* gradX) {
  map(size, x, gradOut, gradX, [=](float a, float grad) { return slopeOf(f, a) * grad; });
}
EXPORT(unary_backward)

extern "C" __global__ void affine(int size, const Element* x, float scale, float shift, Element* out) {
  map(size, x, x, out, [=](float a, float) { return scale * a + shift; });
}
EXPORT(affine)

extern "C" __global__ void leaky_relu(int size, float slope, const Element* x, Element* out) {
  map(size, x, x, out, [=](float a, float) { return a > 0.f ? a : slope * a; });
}
EXPORT(leaky_relu)

extern "C" __global__ void leaky_relu_backward(
    int size, float slope, const Element* x, const Element* gradOut, Element* gradX) {
  map(size, x, gradOut, gradX, [=](float a, float grad) { return a > 0.f ? grad : slope * grad; });
}
EXPORT(leaky_relu_backward)

// What is not a number stays so.
extern "C" __global__ void clamp(int size, float low, float high, const Element* x, Element* out) {
  map(size, x, x, out, [=](float a, float) { return a < low ? low : a > high ? high : a; });
}
EXPORT(clamp)

extern "C" __global__ void clamp_backward(
    int size, float low, float high, const Element* x, const Element* gradOut, Element* gradX) {
  map(size, x, gradOut, gradX, [=](float a, float grad) { return low <= a && a <= high ? grad : 0.f; });
}
EXPORT(clamp_backward)

// gradA = factor * gradOut * (a - b); gradOut is a scalar.
extern "C" __global__ void squared_distance_backward(
    int size, float factor, const Element* a, const Element* b, const Element* gradOut, Element* gradA) {
  float slope = factor * gradOut[0];
  map(size, a, b, gradA, [=](float left, float right) { return slope * (left - right); });
}
EXPORT(squared_distance_backward)

extern "C" __global__ void axpby(int size, float alpha, const Element* x, float beta, Element* y) {
  map(size, x, y, y, [=](float a, float b) { return alpha * a + beta * b; });
}
EXPORT(axpby)

extern "C" __global__ void to_floats(int size, const Element* x, float* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    out[i] = x[i];
  }
}
EXPORT(to_floats)

extern "C" __global__ void from_floats(int size, const float* x, Element* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    out[i] = x[i];
  }
}
EXPORT(from_floats)

// io.github.pix2pixzero.tensor.backend.AdamSpec. What is trained is float32, whatever the precision.
extern "C" __global__ void adam(
    int size,
    float decay,
    float keep,
    float meanRate,
    float squareRate,
    float stepSize,
    float rootScale,
    float epsilon,
    const Element* gradient,
    float* parameter,
    float* mean,
    float* square) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    float p = parameter[i];
    float g = gradient[i] + decay * p;
    float m = mean[i] + meanRate * (g - mean[i]);
    float v = square[i] + squareRate * (g * g - square[i]);
    mean[i] = m;
    square[i] = v;
    parameter[i] = keep * p - stepSize * m / (rootScale * sqrtf(v) + epsilon);
  }
}
EXPORT(adam)

extern "C" __global__ void fill(int size, float value, Element* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    out[i] = value;
  }
}
EXPORT(fill)

// In the order of io.github.pix2pixzero.tensor.backend.Binary.
enum Operator { ADD, SUB, MUL, DIV, MAX, MIN, EQUAL };

__device__ __forceinline__ float resultOf(int f, float a, float b) {
  switch (f) {
    case ADD:
      return a + b;
    case SUB:
      return a - b;
    case MUL:
      return a * b;
    case DIV:
      return a / b;
    case MAX:
      return MaxOrNan::apply(a, b);
    case MIN:
      return -MaxOrNan::apply(-a, -b);
    default:  // EQUAL
      return a == b ? 1.f : 0.f;
  }
}

extern "C" __global__ void binary_abreast(int f, int size, const Element* a, const Element* b, Element* out) {
  map(size, a, b, out, [=](float left, float right) { return resultOf(f, left, right); });
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

extern "C" __global__ void binary(int f, Walk walk, int size, const Element* a, const Element* b, Element* out) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int atA = 0;
    int atB = 0;
    walk.seek(i, atA, atB);
    out[i] = resultOf(f, a[atA], b[atB]);
  }
}
EXPORT(binary)

// Elements are copied as they are.
extern "C" __global__ void strided_copy(
    Walk walk, int size, int sourceOffset, int targetOffset, const Element* source, Element* target) {
  for (int i = gridThread(); i < size; i += gridThreads()) {
    int from = sourceOffset;
    int to = targetOffset;
    walk.seek(i, from, to);
    target[to] = source[from];
  }
}
EXPORT(strided_copy)

// Of each row of 2 width elements the first half times GELU of the second (Shazeer, 2020).
// GEGLU of rows of 2 * width elements; size counts results. Chunks lie in one half where width is a multiple of theirs.
extern "C" __global__ void geglu(int size, Divisor width, const Element* x, Element* out) {
  if (width.divisor % PACKED != 0) {
    for (int i = gridThread(); i < size; i += gridThreads()) {
      int at = i + width.quotient(i) * width.divisor;
      out[i] = x[at] * gelu(x[at + width.divisor]);
    }
    return;
  }
  for (int i = gridThread() * PACKED; i < size; i += gridThreads() * PACKED) {
    int at = i + width.quotient(i) * width.divisor;
    Elements value = *reinterpret_cast<const Elements*>(x + at);
    Elements gate = *reinterpret_cast<const Elements*>(x + at + width.divisor);
    Elements result;
#pragma unroll
    for (int j = 0; j < PACKED; j++) {
      result.at[j] = value.at[j] * gelu(gate.at[j]);
    }
    *reinterpret_cast<Elements*>(out + i) = result;
  }
}
EXPORT(geglu)

extern "C" __global__ void geglu_backward(
    int size, Divisor width, const Element* x, const Element* gradOut, Element* gradX) {
  if (width.divisor % PACKED != 0) {
    for (int i = gridThread(); i < size; i += gridThreads()) {
      int at = i + width.quotient(i) * width.divisor;
      float gate = x[at + width.divisor];
      gradX[at] = gradOut[i] * gelu(gate);
      gradX[at + width.divisor] = gradOut[i] * x[at] * geluSlope(gate);
    }
    return;
  }
  for (int i = gridThread() * PACKED; i < size; i += gridThreads() * PACKED) {
    int at = i + width.quotient(i) * width.divisor;
    Elements value = *reinterpret_cast<const Elements*>(x + at);
    Elements gate = *reinterpret_cast<const Elements*>(x + at + width.divisor);
    Elements gradient = *reinterpret_cast<const Elements*>(gradOut + i);
    Elements ofValue;
    Elements ofGate;
#pragma unroll
    for (int j = 0; j < PACKED; j++) {
      ofValue.at[j] = gradient.at[j] * gelu(gate.at[j]);
      ofGate.at[j] = gradient.at[j] * value.at[j] * geluSlope(gate.at[j]);
    }
    *reinterpret_cast<Elements*>(gradX + at) = ofValue;
    *reinterpret_cast<Elements*>(gradX + at + width.divisor) = ofGate;
  }
}
EXPORT(geglu_backward)
