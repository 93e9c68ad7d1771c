// Batches of matrix products out = alpha * A * B + bias + addend. One kernel for each way that A and B may be turned
// and each size of tile.
#include "arithmetic.cuh"

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
template <class Tile, class A, class B>
__device__ __forceinline__ void matmul(
    const Matmul& s, const Element* a, const Element* b, const Element* bias, const Element* addend, Element* out,
    float* parts) {
  int rowTile, columnTile, split, product;
  s.grid.decode(rowTile, columnTile, split, product);
  int outer = s.inner.quotient(product);
  int inner = product - outer * s.inner.divisor;
  A left(a + outer * s.outerA + inner * s.innerA, s.m, s.k, s.strideA);
  B right(b + outer * s.outerB + inner * s.innerB, s.n, s.k, s.strideB);
  int from = split * s.grid.splitDepth;
  int to = min(s.k, from + s.grid.splitDepth);
  float* part = parts == nullptr ? nullptr : parts + (product * s.grid.splits.divisor + split) * s.m * s.n;
  int start = outer * s.outerOut + inner * s.innerOut;
  Matrix result(
      out + start, part, s.m, s.n, s.strideOut, s.alpha, bias, addend == nullptr ? nullptr : addend + start,
      nullptr);
  multiply<Tile>(left, right, result, rowTile * Tile::ROWS, columnTile * Tile::COLUMNS, from, to);
}

#define MATMUL(name, Tile, A, B)                                                                \
  extern "C" __global__ void __launch_bounds__(Tile::THREADS) name(                             \
      Matmul s, const Element* a, const Element* b, const Element* bias, const Element* addend, \
      Element* out, float* parts) {                                                             \
    matmul<Tile, A, B>(s, a, b, bias, addend, out, parts);                                      \
  }                                                                                             \
  EXPORT(name)

// n: as it is written, t: turned. A is read along its depth as it is written, B along its rows.
#define MATMULS(size, Tile)                              \
  MATMUL(matmul_nn_##size, Tile, AlongDepth, AlongRows)  \
  MATMUL(matmul_nt_##size, Tile, AlongDepth, AlongDepth) \
  MATMUL(matmul_tn_##size, Tile, AlongRows, AlongRows)   \
  MATMUL(matmul_tt_##size, Tile, AlongRows, AlongDepth)

// GEGLU of A * B + bias: out [m, n / 2] is what the first half of the columns is, times GELU of the second.
#define MATMUL_GEGLU(size, Tile)                                                                               \
  extern "C" __global__ void __launch_bounds__(Tile::THREADS) matmul_geglu_##size(                             \
      Matmul s, const Element* a, const Element* b, const Element* bias, Element* out) {                       \
    int rowTile, columnTile, split, product;                                                                   \
    s.grid.decode(rowTile, columnTile, split, product);                                                        \
    int width = s.n / 2;                                                                                       \
    AlongDepth left(a, s.m, s.k, s.strideA);                                                                   \
    Gated right(b, width, s.k);                                                                                \
    Matrix result(out, nullptr, s.m, width, s.strideOut, s.alpha, bias, nullptr, nullptr);                     \
    multiply<Tile>(left, right, result, rowTile * Tile::ROWS, columnTile * Tile::COLUMNS, 0, s.k);             \
  }                                                                                                            \
  EXPORT(matmul_geglu_##size)

// One product, whose B comes in boxes.
#define MATMUL_BULK(size, Tile)                                                                    \
  extern "C" __global__ void __launch_bounds__(Tile::THREADS) matmul_nn_##size(                    \
      Matmul s, const Element* a, const __grid_constant__ TensorMap map, const Element* bias,      \
      const Element* addend, Element* out, float* parts) {                                         \
    int rowTile, columnTile, split, product;                                                       \
    s.grid.decode(rowTile, columnTile, split, product);                                            \
    AlongDepth left(a, s.m, s.k, s.strideA);                                                       \
    Boxes right{map};                                                                              \
    int from = split * s.grid.splitDepth;                                                          \
    int to = min(s.k, from + s.grid.splitDepth);                                                   \
    float* part = parts == nullptr ? nullptr : parts + split * s.m * s.n;                          \
    Matrix result(out, part, s.m, s.n, s.strideOut, s.alpha, bias, addend, nullptr);               \
    multiply<Tile>(left, right, result, rowTile * Tile::ROWS, columnTile * Tile::COLUMNS, from, to); \
  }                                                                                                \
  EXPORT(matmul_nn_##size)

MATMULS(large, Large)
MATMULS(small, Small)
#if defined(PRECISION_F16) || defined(PRECISION_BF16)
MATMULS(medium, Medium)
MATMUL_GEGLU(large, Large)
MATMUL_GEGLU(medium, Medium)
MATMUL_GEGLU(small, Small)
#ifdef WARPGROUPS
MATMULS(group_large, WarpgroupsLarge)
MATMULS(group_medium, WarpgroupsMedium)
MATMULS(group_small, WarpgroupsSmall)
MATMUL_BULK(bulk_large, BulkLarge)
MATMUL_BULK(bulk_medium, BulkMedium)
MATMUL_BULK(bulk_small, BulkSmall)
MATMUL_GEGLU(group_large, WarpgroupsLarge)
MATMUL_GEGLU(group_medium, WarpgroupsMedium)
MATMUL_GEGLU(group_small, WarpgroupsSmall)
#endif
#endif
