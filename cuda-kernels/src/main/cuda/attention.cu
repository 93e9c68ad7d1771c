// Attention, for head dimensions of up to 16, 48, 64, 80, 128 and 160, and beyond in chunks.
#include "attention.cuh"

#if defined(PRECISION_F16) || defined(PRECISION_BF16)
#include "flash.cuh"
#include "probs.cuh"
#endif

#define ATTENTION(columns)                                                                                    \
  extern "C" __global__ void __launch_bounds__(attention::THREADS) attention_##columns(                       \
      Attention s, const Element* q, const Element* k, const Element* v, Element* out, float* logSumExp) {            \
    attention::forward<columns>(s, q, k, v, out, logSumExp);                                                  \
  }                                                                                                           \
  EXPORT(attention_##columns)                                                                                 \
  extern "C" __global__ void __launch_bounds__(attention::THREADS) attention_backward_queries_##columns(      \
      Attention s, const Element* q, const Element* k, const Element* v, const float* logSumExp, const float* delta, \
      const Element* gradOut, Element* gradQ) {                                                                   \
    attention::backwardQueries<columns>(s, q, k, v, logSumExp, delta, gradOut, gradQ);                        \
  }                                                                                                           \
  EXPORT(attention_backward_queries_##columns)                                                                \
  extern "C" __global__ void __launch_bounds__(attention::THREADS) attention_backward_keys_##columns(         \
      Attention s, const Element* q, const Element* k, const Element* v, const float* logSumExp, const float* delta, \
      const Element* gradOut, Element* gradK, Element* gradV) {                                                     \
    attention::backwardKeys<columns>(s, q, k, v, logSumExp, delta, gradOut, gradK, gradV);                    \
  }                                                                                                           \
  EXPORT(attention_backward_keys_##columns)

#if defined(PRECISION_F16) || defined(PRECISION_BF16)

// Head dimensions that are no multiples of 8, or beyond 160.
ATTENTION(10)

// On tensor cores: the head dimension at most, rows of queries in sixteens of a warp, and what of the head
// dimension a block of the backward pass accumulates.
#define FLASH(dims, steps, each)                                                                               \
  extern "C" __global__ void __launch_bounds__(flash::THREADS) flash_##dims(                                  \
      Attention s, const Element* q, const Element* k, const Element* v, Element* o, float* logSumExp) {      \
    flash::forward<dims, steps>(s, q, k, v, o, logSumExp);                                                    \
  }                                                                                                           \
  EXPORT(flash_##dims)                                                                                        \
  extern "C" __global__ void __launch_bounds__(flash::THREADS) flash_backward_queries_##dims(                 \
      Attention s, const Element* q, const Element* k, const Element* v, const float* logSumExp,              \
      const float* delta, const Element* gradOut, Element* gradQ) {                                           \
    flash::backwardQueries<dims, each>(s, q, k, v, logSumExp, delta, gradOut, gradQ);                          \
  }                                                                                                           \
  EXPORT(flash_backward_queries_##dims)                                                                       \
  extern "C" __global__ void __launch_bounds__(flash::THREADS) flash_backward_keys_##dims(                    \
      Attention s, const Element* q, const Element* k, const Element* v, const float* logSumExp,              \
      const float* delta, const Element* gradOut, Element* gradK, Element* gradV) {                           \
    flash::backwardKeys<dims, each>(s, q, k, v, logSumExp, delta, gradOut, gradK, gradV);                      \
  }                                                                                                           \
  EXPORT(flash_backward_keys_##dims)                                                                          \
  extern "C" __global__ void __launch_bounds__(flash::THREADS) probs_##dims(                                  \
      Attention s, const Element* q, const Element* k, Element* out) {                                        \
    probs::scores<dims, true>(s, q, k, out);                                                                  \
  }                                                                                                           \
  EXPORT(probs_##dims)                                                                                        \
  extern "C" __global__ void __launch_bounds__(flash::THREADS) probs_backward_##dims(                         \
      Attention s, const Element* p, const Element* gradProbs, const Element* moreProbs, const Element* k,    \
      Element* gradQ) {                                                                                       \
    probs::weighted<dims, true>(s, p, gradProbs, moreProbs, k, gradQ);                                        \
  }                                                                                                           \
  EXPORT(probs_backward_##dims)                                                                               \
  extern "C" __global__ void __launch_bounds__(flash::THREADS) probs_apply_##dims(                            \
      Attention s, const Element* p, const Element* v, Element* out) {                                        \
    probs::weighted<dims, false>(s, p, nullptr, nullptr, v, out);                                             \
  }                                                                                                           \
  EXPORT(probs_apply_##dims)                                                                                  \
  extern "C" __global__ void __launch_bounds__(flash::THREADS) probs_apply_backward_##dims(                   \
      Attention s, const Element* gradOut, const Element* v, Element* gradProbs) {                            \
    probs::scores<dims, false>(s, gradOut, v, gradProbs);                                                     \
  }                                                                                                           \
  EXPORT(probs_apply_backward_##dims)

FLASH(16, 1, 16)
FLASH(48, 2, 48)
FLASH(64, 2, 64)
FLASH(80, 2, 80)
FLASH(160, 1, 80)

#else

ATTENTION(1)
ATTENTION(3)
ATTENTION(4)
ATTENTION(5)
ATTENTION(8)
ATTENTION(10)

#endif

// delta[batch, head, query]: the dot product of a query's row of out with its gradient, one warp a row.
extern "C" __global__ void attention_delta(
    int rows, Divisor queries, Divisor heads, int headDim, const Element* out, const Element* gradOut, float* delta) {
  int row = gridThread() / WARP;
  if (row >= rows) {
    return;
  }
  int matrix = queries.quotient(row);
  int query = row - matrix * queries.divisor;
  int batch = heads.quotient(matrix);
  int head = matrix - batch * heads.divisor;
  int start = ((batch * queries.divisor + query) * heads.divisor + head) * headDim;
  float sum = 0.f;
  for (int d = (int)threadIdx.x % WARP; d < headDim; d += WARP) {
    sum += out[start + d] * gradOut[start + d];
  }
  sum = reduceLanes<Plus>(sum);
  if (threadIdx.x % WARP == 0) {
    delta[row] = sum;
  }
}
EXPORT(attention_delta)
