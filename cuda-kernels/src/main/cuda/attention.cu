// Attention in float32, for head dimensions of up to 16, 48, 64, 80, 128 and 160, and beyond in chunks.
#include "attention.cuh"

#define ATTENTION(columns)                                                                                    \
  extern "C" __global__ void __launch_bounds__(attention::THREADS) attention_##columns(                       \
      Attention s, const float* q, const float* k, const float* v, float* out, float* logSumExp) {            \
    attention::forward<columns>(s, q, k, v, out, logSumExp);                                                  \
  }                                                                                                           \
  EXPORT(attention_##columns)                                                                                 \
  extern "C" __global__ void __launch_bounds__(attention::THREADS) attention_backward_queries_##columns(      \
      Attention s, const float* q, const float* k, const float* v, const float* logSumExp, const float* delta, \
      const float* gradOut, float* gradQ) {                                                                   \
    attention::backwardQueries<columns>(s, q, k, v, logSumExp, delta, gradOut, gradQ);                        \
  }                                                                                                           \
  EXPORT(attention_backward_queries_##columns)                                                                \
  extern "C" __global__ void __launch_bounds__(attention::THREADS) attention_backward_keys_##columns(         \
      Attention s, const float* q, const float* k, const float* v, const float* logSumExp, const float* delta, \
      const float* gradOut, float* gradK, float* gradV) {                                                     \
    attention::backwardKeys<columns>(s, q, k, v, logSumExp, delta, gradOut, gradK, gradV);                    \
  }                                                                                                           \
  EXPORT(attention_backward_keys_##columns)

ATTENTION(1)
ATTENTION(3)
ATTENTION(4)
ATTENTION(5)
ATTENTION(8)
ATTENTION(10)

// delta[batch, head, query]: the dot product of a query's row of out with its gradient, one warp a row.
extern "C" __global__ void attention_delta(
    int rows, Divisor queries, Divisor heads, int headDim, const float* out, const float* gradOut, float* delta) {
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
