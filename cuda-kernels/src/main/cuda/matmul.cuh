// Batches of matrix products out = alpha * A * B + bias. One kernel for each way that A and B may be turned
// and each size of tile; a file for each arithmetic, so that they compile side by side.
#pragma once

#include "gemm.cuh"

struct Matmul {
  int m;
  int n;
  int k;
  int strideA;
  int strideB;
  int strideOut;
  // Product p is number p / inner of the outer ones and p % inner of the inner ones; heads of attention
  // are inner products.
  Divisor inner;
  int outerA;
  int innerA;
  int outerB;
  int innerB;
  int outerOut;
  int innerOut;
  Grid grid;
  float alpha;
};

// parts is null, or where the sums of the splits go, [products, splits, m, n].
template <class Math, class A, class B>
__device__ __forceinline__ void matmul(
    const Matmul& s, const float* a, const float* b, const float* bias, float* out, float* parts) {
  int rowTile, columnTile, split, product;
  s.grid.decode(rowTile, columnTile, split, product);
  int outer = s.inner.quotient(product);
  int inner = product - outer * s.inner.divisor;
  A left(a + outer * s.outerA + inner * s.innerA, s.m, s.k, s.strideA);
  B right(b + outer * s.outerB + inner * s.innerB, s.n, s.k, s.strideB);
  int from = split * s.grid.splitDepth;
  int to = min(s.k, from + s.grid.splitDepth);
  float* target = parts == nullptr ? out + outer * s.outerOut + inner * s.innerOut
                                   : parts + (product * s.grid.splits.divisor + split) * s.m * s.n;
  Matrix result = parts == nullptr ? Matrix(target, s.m, s.n, s.strideOut, s.alpha, bias)
                                   : Matrix(target, s.m, s.n, s.n, 1.f, nullptr);
  multiply<Math>(left, right, result, rowTile * Math::ROWS, columnTile * Math::COLUMNS, from, to);
}

#define MATMUL(name, Math, A, B)                                                                          \
  extern "C" __global__ void __launch_bounds__(Math::THREADS)                                             \
      name(Matmul s, const float* a, const float* b, const float* bias, float* out, float* parts) {       \
    matmul<Math, A, B>(s, a, b, bias, out, parts);                                                        \
  }                                                                                                       \
  EXPORT(name)

// n: as it is written, t: turned. A is read along its depth as it is written, B along its rows.
#define MATMULS(suffix, Math)                              \
  MATMUL(matmul_nn_##suffix, Math, AlongDepth, AlongRows)  \
  MATMUL(matmul_nt_##suffix, Math, AlongDepth, AlongDepth) \
  MATMUL(matmul_tn_##suffix, Math, AlongRows, AlongRows)   \
  MATMUL(matmul_tt_##suffix, Math, AlongRows, AlongDepth)
