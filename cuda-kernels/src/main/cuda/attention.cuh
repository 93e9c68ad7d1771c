// Attention whose probabilities are never stored: tiles of 64 queries x 64 keys, softmax kept up to date
// while walking over the keys, scores computed again for the gradients (Dao et al., 2022; Dao, 2023).
// 256 threads in float32; thread (down, across) owns 4 x 4 scores of a tile and 4 rows x COLUMNS columns,
// 16 apart, of what is accumulated. Head dimensions beyond 16 * COLUMNS are shared out among blocks, each
// of which computes the scores for itself.
#pragma once

#include "common.cuh"

struct Attention {
  int queries;
  int keys;
  int headDim;
  int heads;
  float scale;
  int causal;
  Divisor tiles;    // of the queries, or of the keys where these own the blocks
  Divisor chunks;   // of the head dimension
};

namespace attention {

constexpr int TILE = 64;
constexpr int ACROSS = 16;
constexpr int THREADS = ACROSS * ACROSS;
constexpr int STRIDE = TILE + 4;

using Operand = float[ACROSS][STRIDE];  // 16 dimensions of 64 rows
using Square = float[TILE][STRIDE];

__device__ __forceinline__ int down() { return (int)threadIdx.x / ACROSS; }

__device__ __forceinline__ int across() { return (int)threadIdx.x % ACROSS; }

struct Block {
  int tile;
  int chunk;
  int matrix;      // batch * heads + head
  int queryStart;  // where the head's queries begin
  int keyStart;
  int width;

  __device__ __forceinline__ explicit Block(const Attention& s) {
    int rest = s.tiles.quotient((int)blockIdx.x);
    tile = (int)blockIdx.x - rest * s.tiles.divisor;
    matrix = s.chunks.quotient(rest);
    chunk = rest - matrix * s.chunks.divisor;
    int batch = matrix / s.heads;
    int head = matrix - batch * s.heads;
    width = s.heads * s.headDim;
    queryStart = batch * s.queries * width + head * s.headDim;
    keyStart = batch * s.keys * width + head * s.headDim;
  }
};

// 16 dimensions, from dim on, of 64 rows; zeros beyond the ends.
__device__ __forceinline__ void load(
    Operand& to, const Element* from, int firstRow, int rows, int width, int dim, int dims) {
#pragma unroll
  for (int i = 0; i < TILE * ACROSS / THREADS; i++) {
    int at = i * THREADS + (int)threadIdx.x;
    int row = at / ACROSS;
    int d = at % ACROSS;
    bool there = firstRow + row < rows && dim + d < dims;
    to[d][row] = there ? from[(firstRow + row) * width + dim + d] : 0.f;
  }
}

// sums += left * right for the 16 dimensions in shared memory.
__device__ __forceinline__ void outer(float (&sums)[4][4], const Operand& left, const Operand& right) {
#pragma unroll
  for (int d = 0; d < ACROSS; d++) {
    float4 l = *reinterpret_cast<const float4*>(&left[d][4 * down()]);
    float4 r = *reinterpret_cast<const float4*>(&right[d][4 * across()]);
    float ls[4] = {l.x, l.y, l.z, l.w};
    float rs[4] = {r.x, r.y, r.z, r.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int j = 0; j < 4; j++) {
        sums[i][j] += ls[i] * rs[j];
      }
    }
  }
}

__device__ __forceinline__ void clear(float (&sums)[4][4]) {
#pragma unroll
  for (int i = 0; i < 4; i++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      sums[i][j] = 0.f;
    }
  }
}

__device__ __forceinline__ void store(Square& to, const float (&values)[4][4]) {
#pragma unroll
  for (int i = 0; i < 4; i++) {
    *reinterpret_cast<float4*>(&to[4 * down() + i][4 * across()]) =
        make_float4(values[i][0], values[i][1], values[i][2], values[i][3]);
  }
}

// What a block accumulates: 64 rows of 16 * COLUMNS dimensions from first on.
template <int COLUMNS>
struct Sums {
  using Rows = float[ACROSS][ACROSS * COLUMNS];
  float values[4][COLUMNS];

  __device__ __forceinline__ Sums() {
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) {
        values[i][j] = 0.f;
      }
    }
  }

  // values += square * (64 rows of from), 16 rows at a time through shared memory. Begins and ends with
  // a barrier.
  __device__ __forceinline__ void add(
      const Square& square, Rows& buffer, const Element* from, int firstRow, int rows, int width, int first, int dims) {
    for (int chunk = 0; chunk < TILE && firstRow + chunk < rows; chunk += ACROSS) {
      __syncthreads();
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) {
        int row = firstRow + chunk + down();
        int d = first + j * ACROSS + across();
        buffer[down()][j * ACROSS + across()] = row < rows && d < dims ? from[row * width + d] : 0.f;
      }
      __syncthreads();
#pragma unroll
      for (int r = 0; r < ACROSS; r++) {
        float right[COLUMNS];
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) {
          right[j] = buffer[r][j * ACROSS + across()];
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
          float left = square[4 * down() + i][chunk + r];
#pragma unroll
          for (int j = 0; j < COLUMNS; j++) {
            values[i][j] += left * right[j];
          }
        }
      }
    }
    __syncthreads();
  }

  __device__ __forceinline__ void write(Element* to, int firstRow, int rows, int width, int first, int dims) const {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      int row = firstRow + 4 * down() + i;
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) {
        int d = first + j * ACROSS + across();
        if (row < rows && d < dims) {
          to[row * width + d] = values[i][j];
        }
      }
    }
  }
};

__device__ __forceinline__ bool seen(const Attention& s, int query, int key) {
  return key < s.keys && (!s.causal || key <= query);
}

template <int COLUMNS>
__device__ __forceinline__ void forward(
    const Attention& s, const Element* q, const Element* k, const Element* v, Element* out, float* logSumExp) {
  SHARED(Operand, queryTile);
  SHARED(Operand, keyTile);
  SHARED(Square, probs);
  using Rows = typename Sums<COLUMNS>::Rows;
  SHARED(Rows, buffer);
  Block block(s);
  int firstQuery = block.tile * TILE;
  int firstDim = block.chunk * ACROSS * COLUMNS;
  const Element* queries = q + block.queryStart;
  const Element* keys = k + block.keyStart;
  int lastKey = s.causal ? min(s.keys, firstQuery + TILE) : s.keys;
  float largest[4];
  float sum[4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    largest[i] = Max::NEUTRAL;
    sum[i] = 0.f;
  }
  Sums<COLUMNS> sums;
  for (int firstKey = 0; firstKey < lastKey; firstKey += TILE) {
    float scores[4][4];
    clear(scores);
    for (int dim = 0; dim < s.headDim; dim += ACROSS) {
      load(queryTile, queries, firstQuery, s.queries, block.width, dim, s.headDim);
      load(keyTile, keys, firstKey, s.keys, block.width, dim, s.headDim);
      __syncthreads();
      outer(scores, queryTile, keyTile);
      __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
      float row = largest[i];
#pragma unroll
      for (int j = 0; j < 4; j++) {
        bool is = seen(s, firstQuery + 4 * down() + i, firstKey + 4 * across() + j);
        scores[i][j] = is ? scores[i][j] * s.scale : Max::NEUTRAL;
        row = fmaxf(row, scores[i][j]);
      }
      row = reduceLanes<Max, ACROSS>(row);
      float shrink = expf(largest[i] - row);
      largest[i] = row;
      float added = 0.f;
#pragma unroll
      for (int j = 0; j < 4; j++) {
        scores[i][j] = expf(scores[i][j] - row);
        added += scores[i][j];
      }
      sum[i] = sum[i] * shrink + reduceLanes<Plus, ACROSS>(added);
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) {
        sums.values[i][j] *= shrink;
      }
    }
    store(probs, scores);
    sums.add(probs, buffer, v + block.keyStart, firstKey, s.keys, block.width, firstDim, s.headDim);
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    float inverse = 1.f / sum[i];
#pragma unroll
    for (int j = 0; j < COLUMNS; j++) {
      sums.values[i][j] *= inverse;
    }
    int query = firstQuery + 4 * down() + i;
    if (block.chunk == 0 && across() == 0 && query < s.queries) {
      logSumExp[block.matrix * s.queries + query] = largest[i] + logf(sum[i]);
    }
  }
  sums.write(out + block.queryStart, firstQuery, s.queries, block.width, firstDim, s.headDim);
}

// Of a tile: the probabilities, and the gradients of the products q * k. down() counts queries and across()
// keys, or the other way round where keys own the blocks. Ends with a barrier.
template <bool BY_KEYS>
__device__ __forceinline__ void differentiate(
    const Attention& s,
    const Block& block,
    const Element* q,
    const Element* k,
    const Element* v,
    const float* logSumExp,
    const float* delta,
    const Element* gradOut,
    int firstQuery,
    int firstKey,
    float (&probs)[4][4],
    float (&grads)[4][4]) {
  SHARED(Operand, queryTile);
  SHARED(Operand, keyTile);
  SHARED(Operand, gradTile);
  SHARED(Operand, valueTile);
  clear(probs);
  clear(grads);
  for (int dim = 0; dim < s.headDim; dim += ACROSS) {
    load(queryTile, q + block.queryStart, firstQuery, s.queries, block.width, dim, s.headDim);
    load(gradTile, gradOut + block.queryStart, firstQuery, s.queries, block.width, dim, s.headDim);
    load(keyTile, k + block.keyStart, firstKey, s.keys, block.width, dim, s.headDim);
    load(valueTile, v + block.keyStart, firstKey, s.keys, block.width, dim, s.headDim);
    __syncthreads();
    outer(probs, BY_KEYS ? keyTile : queryTile, BY_KEYS ? queryTile : keyTile);
    outer(grads, BY_KEYS ? valueTile : gradTile, BY_KEYS ? gradTile : valueTile);
    __syncthreads();
  }
#pragma unroll
  for (int n = 0; n < 4; n++) {
    int query = firstQuery + 4 * (BY_KEYS ? across() : down()) + n;
    bool there = query < s.queries;
    float lse = there ? logSumExp[block.matrix * s.queries + query] : 0.f;
    float d = there ? delta[block.matrix * s.queries + query] : 0.f;
#pragma unroll
    for (int m = 0; m < 4; m++) {
      int i = BY_KEYS ? m : n;
      int j = BY_KEYS ? n : m;
      bool is = there && seen(s, query, firstKey + 4 * (BY_KEYS ? down() : across()) + m);
      probs[i][j] = is ? expf(probs[i][j] * s.scale - lse) : 0.f;
      grads[i][j] = s.scale * probs[i][j] * (grads[i][j] - d);
    }
  }
}

// delta is the dot product of each row of out with that of its gradient, [batch, heads, queries].
template <int COLUMNS>
__device__ __forceinline__ void backwardQueries(
    const Attention& s,
    const Element* q,
    const Element* k,
    const Element* v,
    const float* logSumExp,
    const float* delta,
    const Element* gradOut,
    Element* gradQ) {
  SHARED(Square, square);
  using Rows = typename Sums<COLUMNS>::Rows;
  SHARED(Rows, buffer);
  Block block(s);
  int firstQuery = block.tile * TILE;
  int firstDim = block.chunk * ACROSS * COLUMNS;
  int lastKey = s.causal ? min(s.keys, firstQuery + TILE) : s.keys;
  Sums<COLUMNS> sums;
  for (int firstKey = 0; firstKey < lastKey; firstKey += TILE) {
    float probs[4][4];
    float grads[4][4];
    differentiate<false>(s, block, q, k, v, logSumExp, delta, gradOut, firstQuery, firstKey, probs, grads);
    store(square, grads);
    sums.add(square, buffer, k + block.keyStart, firstKey, s.keys, block.width, firstDim, s.headDim);
  }
  sums.write(gradQ + block.queryStart, firstQuery, s.queries, block.width, firstDim, s.headDim);
}

// Blocks own keys and walk over the queries.
template <int COLUMNS>
__device__ __forceinline__ void backwardKeys(
    const Attention& s,
    const Element* q,
    const Element* k,
    const Element* v,
    const float* logSumExp,
    const float* delta,
    const Element* gradOut,
    Element* gradK,
    Element* gradV) {
  SHARED(Square, square);
  using Rows = typename Sums<COLUMNS>::Rows;
  SHARED(Rows, buffer);
  Block block(s);
  int firstKey = block.tile * TILE;
  int firstDim = block.chunk * ACROSS * COLUMNS;
  Sums<COLUMNS> keySums;
  Sums<COLUMNS> valueSums;
  int firstQuery = s.causal ? firstKey : 0;  // earlier queries see none of these keys
  for (; firstQuery < s.queries; firstQuery += TILE) {
    float probs[4][4];
    float grads[4][4];
    differentiate<true>(s, block, q, k, v, logSumExp, delta, gradOut, firstQuery, firstKey, probs, grads);
    store(square, probs);
    valueSums.add(square, buffer, gradOut + block.queryStart, firstQuery, s.queries, block.width, firstDim, s.headDim);
    store(square, grads);
    keySums.add(square, buffer, q + block.queryStart, firstQuery, s.queries, block.width, firstDim, s.headDim);
  }
  keySums.write(gradK + block.keyStart, firstKey, s.keys, block.width, firstDim, s.headDim);
  valueSums.write(gradV + block.keyStart, firstKey, s.keys, block.width, firstDim, s.headDim);
}

}  // namespace attention
