// Attention on the tensor cores for elements of 16 bits, whose probabilities are never stored: softmax is kept
// up to date while walking over the keys, and scores are computed again for the gradients (Dao et al., 2022;
// Dao, 2023). Four warps; each owns 16 rows, or twice as many, and holds its left operands in registers.
// Right operands are copied to shared memory while those before them are multiplied.
//
// DIMS is the head dimension, filled up with zeros to a multiple of 16. Head dimensions are multiples of 8.
#pragma once

#include "attention.cuh"
#include "mma.cuh"

namespace flash {

constexpr int WARPS = 4;
constexpr int THREADS = WARPS * WARP;
constexpr int KEYS = 64;  // of a tile; or queries, where keys own the blocks
constexpr float LOG2_E = 1.44269504f;
constexpr float LN_2 = 0.69314718f;

__device__ __forceinline__ int warp() { return (int)threadIdx.x / WARP; }

__device__ __forceinline__ int lane() { return (int)threadIdx.x % WARP; }

// Rows in shared memory lie an odd number of 16 bytes apart: any eight are in different banks.
template <int DIMS>
struct Layout {
  static constexpr int CHUNKS = DIMS / PACKED;
  static constexpr int STRIDE = (CHUNKS | 1) * PACKED;
  // Two tiles of two operands, where shared memory has the room.
  static constexpr int STAGES = 4 * KEYS * STRIDE * 2 <= 48 << 10 ? 2 : 1;
  struct alignas(16) Tile {
    Element at[KEYS * STRIDE];
  };
  struct Stage {
    Tile first;
    Tile second;
  };
  using Stages = Stage[STAGES];
};

// Begins to copy ROWS rows from firstRow on; zeros beyond the ends.
template <int DIMS, int ROWS>
__device__ __forceinline__ void copyRows(
    Element* to, const Element* from, int firstRow, int rows, int width, int dims) {
  using L = Layout<DIMS>;
#pragma unroll
  for (int i = (int)threadIdx.x; i < ROWS * L::CHUNKS; i += THREADS) {
    int row = i / L::CHUNKS;
    int d = i % L::CHUNKS * PACKED;
    bool there = firstRow + row < rows && d < dims;
    copyAsync(to + row * L::STRIDE + d, there ? from + (firstRow + row) * width + d : nullptr);
  }
}

// The left operands of 16 rows, straight from global memory; zeros beyond the ends.
template <int DIMS>
__device__ __forceinline__ void loadLeft(
    unsigned (&a)[DIMS / 16][4], const Element* from, int firstRow, int rows, int width, int dims) {
#pragma unroll
  for (int k = 0; k < DIMS / 16; k++) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      int row = firstRow + lane() / 4 + i % 2 * 8;
      int d = 16 * k + lane() % 4 * 2 + i / 2 * 8;
      a[k][i] = row < rows && d < dims ? *reinterpret_cast<const unsigned*>(from + row * width + d) : 0u;
    }
  }
}

// The right operands for 16 columns, which are rows of the tile, of 16 dimensions from dim on.
template <int DIMS>
__device__ __forceinline__ void rowsRight(unsigned (&b)[4], const Element* tile, int row, int dim) {
  int r = row + lane() % 8 + lane() / 16 * 8;
  loadMatrices(b, tile + r * Layout<DIMS>::STRIDE + dim + lane() / 8 % 2 * 8);
}

// The right operands for 16 columns, which are dimensions from dim on, of 16 rows of the tile.
template <int DIMS>
__device__ __forceinline__ void dimsRight(unsigned (&b)[4], const Element* tile, int row, int dim) {
  loadMatricesTurned(b, tile + (row + lane() % 16) * Layout<DIMS>::STRIDE + dim + lane() / 16 * 8);
}

__device__ __forceinline__ void multiplyTwo(
    float (&first)[4], float (&second)[4], const unsigned (&a)[4], const unsigned (&b)[4]) {
  Halves::mma(first, a, reinterpret_cast<const unsigned(&)[2]>(b[0]));
  Halves::mma(second, a, reinterpret_cast<const unsigned(&)[2]>(b[2]));
}

// Results of 16 rows by 16 columns as the left operand of what they are multiplied by next.
__device__ __forceinline__ void asLeft(unsigned (&a)[4], const float (&first)[4], const float (&second)[4]) {
  a[0] = Halves::word(first[0], first[1]);
  a[1] = Halves::word(first[2], first[3]);
  a[2] = Halves::word(second[0], second[1]);
  a[3] = Halves::word(second[2], second[3]);
}

template <int N>
__device__ __forceinline__ void clear(float (&sums)[N][4]) {
#pragma unroll
  for (int j = 0; j < N; j++) {
#pragma unroll
    for (int e = 0; e < 4; e++) {
      sums[j][e] = 0.f;
    }
  }
}

// Stores 16 rows of results, of dimensions first ... first + 8 N - 1; each row times its factor.
template <int N>
__device__ __forceinline__ void writeRows(
    Element* to, const float (&sums)[N][4], float upper, float lower, int firstRow, int rows, int width, int first,
    int dims) {
#pragma unroll
  for (int j = 0; j < N; j++) {
    int d = first + 8 * j + lane() % 4 * 2;
    int row = firstRow + lane() / 4;
    if (d < dims) {
      if (row < rows) {
        *reinterpret_cast<unsigned*>(to + row * width + d) = Halves::word(sums[j][0] * upper, sums[j][1] * upper);
      }
      if (row + 8 < rows) {
        *reinterpret_cast<unsigned*>(to + (row + 8) * width + d) =
            Halves::word(sums[j][2] * lower, sums[j][3] * lower);
      }
    }
  }
}

// A tile that goes through shared memory, with the next one on its way: what rows of results walk over.
template <int DIMS>
struct Pairs {
  using L = Layout<DIMS>;
  const Element* first;
  const Element* second;
  int rows;
  int width;
  int dims;

  __device__ __forceinline__ void begin(typename L::Stage& stage, int row) const {
    copyRows<DIMS, KEYS>(stage.first.at, first, row, rows, width, dims);
    copyRows<DIMS, KEYS>(stage.second.at, second, row, rows, width, dims);
    closeCopies();
  }

  // Waits for the stage of this row, and begins the next if there is one.
  __device__ __forceinline__ void await(typename L::Stages& stages, int current, int row, int end) const {
    if (L::STAGES == 2 && row + KEYS < end) {
      begin(stages[(current + 1) % L::STAGES], row + KEYS);
      waitForCopies<1>();
    } else {
      waitForCopies<0>();
    }
    __syncthreads();
  }

  __device__ __forceinline__ void done(typename L::Stages& stages, int row, int end) const {
    __syncthreads();
    if (L::STAGES == 1 && row + KEYS < end) {
      begin(stages[0], row + KEYS);
    }
  }
};

// ROW_STEPS times 16 queries a warp.
template <int DIMS, int ROW_STEPS>
__device__ __forceinline__ void forward(
    const Attention& s, const Element* q, const Element* k, const Element* v, Element* out, float* logSumExp) {
  using L = Layout<DIMS>;
  using Stages = typename L::Stages;
  SHARED(Stages, stages);
  attention::Block block(s);
  int blockQuery = block.tile * WARPS * 16 * ROW_STEPS;
  int firstQuery = blockQuery + warp() * 16 * ROW_STEPS;
  int lastKey = s.causal ? min(s.keys, blockQuery + WARPS * 16 * ROW_STEPS) : s.keys;
  float scale = s.scale * LOG2_E;  // exponentials are powers of two here
  unsigned left[ROW_STEPS][DIMS / 16][4];
  float sums[ROW_STEPS][DIMS / 8][4];
  float largest[ROW_STEPS][2];
  float total[ROW_STEPS][2];
#pragma unroll
  for (int i = 0; i < ROW_STEPS; i++) {
    loadLeft<DIMS>(left[i], q + block.queryStart, firstQuery + 16 * i, s.queries, block.width, s.headDim);
    clear(sums[i]);
    largest[i][0] = largest[i][1] = Max::NEUTRAL;
    total[i][0] = total[i][1] = 0.f;
  }
  Pairs<DIMS> pairs{k + block.keyStart, v + block.keyStart, s.keys, block.width, s.headDim};
  pairs.begin(stages[0], 0);
  int current = 0;
  for (int firstKey = 0; firstKey < lastKey; firstKey += KEYS) {
    pairs.await(stages, current, firstKey, lastKey);
    const typename L::Stage& stage = stages[current];
    float scores[ROW_STEPS][KEYS / 8][4];
#pragma unroll
    for (int i = 0; i < ROW_STEPS; i++) {
      clear(scores[i]);
    }
#pragma unroll
    for (int d = 0; d < DIMS / 16; d++) {
#pragma unroll
      for (int j = 0; j < KEYS / 16; j++) {
        unsigned right[4];
        rowsRight<DIMS>(right, stage.first.at, 16 * j, 16 * d);
#pragma unroll
        for (int i = 0; i < ROW_STEPS; i++) {
          multiplyTwo(scores[i][2 * j], scores[i][2 * j + 1], left[i][d], right);
        }
      }
    }
    bool masked = firstKey + KEYS > s.keys || s.causal;
#pragma unroll
    for (int i = 0; i < ROW_STEPS; i++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        int query = firstQuery + 16 * i + lane() / 4 + 8 * half;
        float row = largest[i][half];
#pragma unroll
        for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
          for (int e = 0; e < 2; e++) {
            float& score = scores[i][j][2 * half + e];
            bool is = !masked || attention::seen(s, query, firstKey + 8 * j + lane() % 4 * 2 + e);
            score = is ? score * scale : Max::NEUTRAL;
            row = fmaxf(row, score);
          }
        }
        row = reduceLanes<Max, 4>(row);
        float shrink = exp2f(largest[i][half] - row);
        largest[i][half] = row;
        float added = 0.f;
#pragma unroll
        for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
          for (int e = 0; e < 2; e++) {
            float& score = scores[i][j][2 * half + e];
            score = exp2f(score - row);
            added += score;
          }
        }
        total[i][half] = total[i][half] * shrink + reduceLanes<Plus, 4>(added);
#pragma unroll
        for (int j = 0; j < DIMS / 8; j++) {
          sums[i][j][2 * half] *= shrink;
          sums[i][j][2 * half + 1] *= shrink;
        }
      }
    }
#pragma unroll
    for (int j = 0; j < KEYS / 16; j++) {
      unsigned probs[ROW_STEPS][4];
#pragma unroll
      for (int i = 0; i < ROW_STEPS; i++) {
        asLeft(probs[i], scores[i][2 * j], scores[i][2 * j + 1]);
      }
#pragma unroll
      for (int d = 0; d < DIMS / 16; d++) {
        unsigned right[4];
        dimsRight<DIMS>(right, stage.second.at, 16 * j, 16 * d);
#pragma unroll
        for (int i = 0; i < ROW_STEPS; i++) {
          multiplyTwo(sums[i][2 * d], sums[i][2 * d + 1], probs[i], right);
        }
      }
    }
    pairs.done(stages, firstKey, lastKey);
    current = (current + 1) % L::STAGES;
  }
#pragma unroll
  for (int i = 0; i < ROW_STEPS; i++) {
    int first = firstQuery + 16 * i;
    writeRows(
        out + block.queryStart, sums[i], 1.f / total[i][0], 1.f / total[i][1], first, s.queries, block.width, 0,
        s.headDim);
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int query = first + lane() / 4 + 8 * half;
      if (lane() % 4 == 0 && query < s.queries) {
        logSumExp[block.matrix * s.queries + query] = LN_2 * (largest[i][half] + log2f(total[i][half]));
      }
    }
  }
}

// 16 queries a warp; of the head dimension OUT are accumulated by this block. delta is the dot product of
// each row of out with that of its gradient.
template <int DIMS, int OUT>
__device__ __forceinline__ void backwardQueries(
    const Attention& s, const Element* q, const Element* k, const Element* v, const float* logSumExp,
    const float* delta, const Element* gradOut, Element* gradQ) {
  using L = Layout<DIMS>;
  using Stages = typename L::Stages;
  SHARED(Stages, stages);
  attention::Block block(s);
  int blockQuery = block.tile * WARPS * 16;
  int firstQuery = blockQuery + warp() * 16;
  int firstDim = block.chunk * OUT;
  int lastKey = s.causal ? min(s.keys, blockQuery + WARPS * 16) : s.keys;
  unsigned queries[DIMS / 16][4];
  unsigned grads[DIMS / 16][4];
  loadLeft<DIMS>(queries, q + block.queryStart, firstQuery, s.queries, block.width, s.headDim);
  loadLeft<DIMS>(grads, gradOut + block.queryStart, firstQuery, s.queries, block.width, s.headDim);
  float lse[2];
  float dot[2];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    int query = firstQuery + lane() / 4 + 8 * half;
    bool there = query < s.queries;
    lse[half] = there ? logSumExp[block.matrix * s.queries + query] * LOG2_E : 0.f;
    dot[half] = there ? delta[block.matrix * s.queries + query] : 0.f;
  }
  float sums[OUT / 8][4];
  clear(sums);
  Pairs<DIMS> pairs{k + block.keyStart, v + block.keyStart, s.keys, block.width, s.headDim};
  pairs.begin(stages[0], 0);
  int current = 0;
  for (int firstKey = 0; firstKey < lastKey; firstKey += KEYS) {
    pairs.await(stages, current, firstKey, lastKey);
    const typename L::Stage& stage = stages[current];
#pragma unroll
    for (int j = 0; j < KEYS; j += 16) {
      float scores[2][4];
      float changes[2][4];
      clear(scores);
      clear(changes);
#pragma unroll
      for (int d = 0; d < DIMS / 16; d++) {
        unsigned right[4];
        rowsRight<DIMS>(right, stage.first.at, j, 16 * d);
        multiplyTwo(scores[0], scores[1], queries[d], right);
        rowsRight<DIMS>(right, stage.second.at, j, 16 * d);
        multiplyTwo(changes[0], changes[1], grads[d], right);
      }
#pragma unroll
      for (int t = 0; t < 2; t++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          int query = firstQuery + lane() / 4 + e / 2 * 8;
          bool is = attention::seen(s, query, firstKey + j + 8 * t + lane() % 4 * 2 + e % 2);
          float prob = is ? exp2f(scores[t][e] * (s.scale * LOG2_E) - lse[e / 2]) : 0.f;
          changes[t][e] = s.scale * prob * (changes[t][e] - dot[e / 2]);
        }
      }
      unsigned left[4];
      asLeft(left, changes[0], changes[1]);
#pragma unroll
      for (int d = 0; d < OUT / 16; d++) {
        unsigned right[4];
        dimsRight<DIMS>(right, stage.first.at, j, firstDim + 16 * d);
        multiplyTwo(sums[2 * d], sums[2 * d + 1], left, right);
      }
    }
    pairs.done(stages, firstKey, lastKey);
    current = (current + 1) % L::STAGES;
  }
  writeRows(gradQ + block.queryStart, sums, 1.f, 1.f, firstQuery, s.queries, block.width, firstDim, s.headDim);
}

// 16 keys a warp; the rows of results are keys and their columns queries.
template <int DIMS, int OUT>
__device__ __forceinline__ void backwardKeys(
    const Attention& s, const Element* q, const Element* k, const Element* v, const float* logSumExp,
    const float* delta, const Element* gradOut, Element* gradK, Element* gradV) {
  using L = Layout<DIMS>;
  using Stages = typename L::Stages;
  SHARED(Stages, stages);
  attention::Block block(s);
  int blockKey = block.tile * WARPS * 16;
  int firstKey = blockKey + warp() * 16;
  int firstDim = block.chunk * OUT;
  unsigned keys[DIMS / 16][4];
  unsigned values[DIMS / 16][4];
  loadLeft<DIMS>(keys, k + block.keyStart, firstKey, s.keys, block.width, s.headDim);
  loadLeft<DIMS>(values, v + block.keyStart, firstKey, s.keys, block.width, s.headDim);
  const float* lse = logSumExp + block.matrix * s.queries;
  const float* dots = delta + block.matrix * s.queries;
  float keySums[OUT / 8][4];
  float valueSums[OUT / 8][4];
  clear(keySums);
  clear(valueSums);
  Pairs<DIMS> pairs{q + block.queryStart, gradOut + block.queryStart, s.queries, block.width, s.headDim};
  int start = s.causal ? blockKey : 0;  // earlier queries see none of these keys
  if (start < s.queries) {
    pairs.begin(stages[0], start);
  }
  int current = 0;
  for (int firstQuery = start; firstQuery < s.queries; firstQuery += KEYS) {
    pairs.await(stages, current, firstQuery, s.queries);
    const typename L::Stage& stage = stages[current];
#pragma unroll
    for (int j = 0; j < KEYS; j += 16) {
      float scores[2][4];
      float changes[2][4];
      clear(scores);
      clear(changes);
#pragma unroll
      for (int d = 0; d < DIMS / 16; d++) {
        unsigned right[4];
        rowsRight<DIMS>(right, stage.first.at, j, 16 * d);
        multiplyTwo(scores[0], scores[1], keys[d], right);
        rowsRight<DIMS>(right, stage.second.at, j, 16 * d);
        multiplyTwo(changes[0], changes[1], values[d], right);
      }
#pragma unroll
      for (int t = 0; t < 2; t++) {
#pragma unroll
        for (int e = 0; e < 2; e++) {
          int query = firstQuery + j + 8 * t + lane() % 4 * 2 + e;
          bool there = query < s.queries;
          float sum = there ? lse[query] * LOG2_E : 0.f;
          float dot = there ? dots[query] : 0.f;
#pragma unroll
          for (int half = 0; half < 2; half++) {
            bool is = there && attention::seen(s, query, firstKey + lane() / 4 + 8 * half);
            float& score = scores[t][2 * half + e];
            float& change = changes[t][2 * half + e];
            score = is ? exp2f(score * (s.scale * LOG2_E) - sum) : 0.f;
            change = s.scale * score * (change - dot);
          }
        }
      }
      unsigned probs[4];
      unsigned left[4];
      asLeft(probs, scores[0], scores[1]);
      asLeft(left, changes[0], changes[1]);
#pragma unroll
      for (int d = 0; d < OUT / 16; d++) {
        unsigned right[4];
        dimsRight<DIMS>(right, stage.second.at, j, firstDim + 16 * d);
        multiplyTwo(valueSums[2 * d], valueSums[2 * d + 1], probs, right);
        dimsRight<DIMS>(right, stage.first.at, j, firstDim + 16 * d);
        multiplyTwo(keySums[2 * d], keySums[2 * d + 1], left, right);
      }
    }
    pairs.done(stages, firstQuery, s.queries);
    current = (current + 1) % L::STAGES;
  }
  writeRows(gradK + block.keyStart, keySums, 1.f, 1.f, firstKey, s.keys, block.width, firstDim, s.headDim);
  writeRows(gradV + block.keyStart, valueSums, 1.f, 1.f, firstKey, s.keys, block.width, firstDim, s.headDim);
}

}  // namespace flash
