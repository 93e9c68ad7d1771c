// Attention to a few keys, such as the 77 tokens of a prompt, whose probabilities are stored: scores and
// softmax in one kernel, the probabilities times the values in another, and the gradients of both, on the
// tensor cores for elements of 16 bits. What the structure of flash.cuh says holds here too.
#pragma once

#include "flash.cuh"

namespace probs {

using flash::lane;
using flash::warp;

constexpr int KEYS = 80;               // at most, a multiple of 16
constexpr int ROWS = flash::WARPS * 16;  // queries of a block

// Rows of so many elements lie in global memory one after the other, at no particular alignment.
struct alignas(16) Rows {
  Element at[ROWS * KEYS];
};

template <int DIMS>
struct alignas(16) Tile {
  Element at[KEYS * flash::Layout<DIMS>::STRIDE];
};

__device__ __forceinline__ void copyLinear(Element* to, const Element* from, int count) {
  int packs = isAligned16(to) && isAligned16(from) ? count / PACKED : 0;
  for (int i = (int)threadIdx.x; i < packs; i += flash::THREADS) {
    reinterpret_cast<Elements*>(to)[i] = reinterpret_cast<const Elements*>(from)[i];
  }
  for (int i = packs * PACKED + (int)threadIdx.x; i < count; i += flash::THREADS) {
    to[i] = from[i];
  }
}

// The sums of a and b.
__device__ __forceinline__ void addLinear(Element* to, const Element* a, const Element* b, int count) {
  int packs = isAligned16(a) && isAligned16(b) ? count / PACKED : 0;
  for (int i = (int)threadIdx.x; i < packs; i += flash::THREADS) {
    Elements left = reinterpret_cast<const Elements*>(a)[i];
    Elements right = reinterpret_cast<const Elements*>(b)[i];
#pragma unroll
    for (int j = 0; j < PACKED; j++) {
      left.at[j] = left.at[j] + right.at[j];
    }
    reinterpret_cast<Elements*>(to)[i] = left;
  }
  for (int i = packs * PACKED + (int)threadIdx.x; i < count; i += flash::THREADS) {
    to[i] = a[i] + b[i];
  }
}

// Which queries a block works on, and where their rows of probabilities begin.
struct Block : attention::Block {
  int firstQuery;
  int start;
  int count;  // elements of its rows

  __device__ __forceinline__ explicit Block(const Attention& s) : attention::Block(s) {
    firstQuery = tile * ROWS;
    start = (matrix * s.queries + firstQuery) * s.keys;
    count = min(ROWS, s.queries - firstQuery) * s.keys;
  }
};

// out[query, key] = scale * left[query] . right[key]; or of each row the softmax.
template <int DIMS, bool SOFTMAX>
__device__ __forceinline__ void scores(
    const Attention& s, const Element* left, const Element* right, Element* out) {
  SHARED(Tile<DIMS>, tile);
  SHARED(Rows, rows);
  Block block(s);
  int firstRow = block.firstQuery + 16 * warp();
  flash::copyRows<DIMS, KEYS>(tile.at, right + block.keyStart, 0, s.keys, block.width, s.headDim);
  closeCopies();
  unsigned a[DIMS / 16][4];
  flash::loadLeft<DIMS>(a, left + block.queryStart, firstRow, s.queries, block.width, s.headDim);
  float values[KEYS / 8][4];
  flash::clear(values);
  waitForCopies<0>();
  __syncthreads();
#pragma unroll
  for (int d = 0; d < DIMS / 16; d++) {
#pragma unroll
    for (int j = 0; j < KEYS / 16; j++) {
      unsigned b[4];
      flash::rowsRight<DIMS>(b, tile.at, 16 * j, 16 * d);
      flash::multiplyTwo(values[2 * j], values[2 * j + 1], a[d], b);
    }
  }
#pragma unroll
  for (int half = 0; half < 2; half++) {
    int row = lane() / 4 + 8 * half;
    float largest = Max::NEUTRAL;
    float factor = s.scale;
    if (SOFTMAX) {
#pragma unroll
      for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
        for (int e = 0; e < 2; e++) {
          float& value = values[j][2 * half + e];
          bool is = attention::seen(s, firstRow + row, 8 * j + lane() % 4 * 2 + e);
          value = is ? value * (s.scale * flash::LOG2_E) : Max::NEUTRAL;
          largest = fmaxf(largest, value);
        }
      }
      largest = reduceLanes<Max, 4>(largest);
      float sum = 0.f;
#pragma unroll
      for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
        for (int e = 0; e < 2; e++) {
          float& value = values[j][2 * half + e];
          value = exp2f(value - largest);
          sum += value;
        }
      }
      factor = 1.f / reduceLanes<Plus, 4>(sum);
    }
#pragma unroll
    for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
      for (int e = 0; e < 2; e++) {
        int key = 8 * j + lane() % 4 * 2 + e;
        if (key < s.keys) {
          rows.at[(16 * warp() + row) * s.keys + key] = values[j][2 * half + e] * factor;
        }
      }
    }
  }
  __syncthreads();
  copyLinear(out + block.start, rows.at, block.count);
}

// out[query] = sum over the keys of weight * right[key], the weights being the probabilities; or, where the
// gradients of these are given, scale * probability * (gradient - the row's sum of probability * gradient). A
// gradient is the sum of gradProbs and moreProbs, which may be null.
template <int DIMS, bool GRADIENT>
__device__ __forceinline__ void weighted(
    const Attention& s, const Element* probs, const Element* gradProbs, const Element* moreProbs,
    const Element* right, Element* out) {
  SHARED(Tile<DIMS>, tile);
  SHARED(Rows, rows);
  SHARED(Rows, gradRows);
  Block block(s);
  flash::copyRows<DIMS, KEYS>(tile.at, right + block.keyStart, 0, s.keys, block.width, s.headDim);
  closeCopies();
  copyLinear(rows.at, probs + block.start, block.count);
  if (GRADIENT && moreProbs == nullptr) {
    copyLinear(gradRows.at, gradProbs + block.start, block.count);
  } else if (GRADIENT) {
    addLinear(gradRows.at, gradProbs + block.start, moreProbs + block.start, block.count);
  }
  waitForCopies<0>();
  __syncthreads();
  float weights[KEYS / 8][4];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    int row = 16 * warp() + lane() / 4 + 8 * half;
    bool there = block.firstQuery + row < s.queries;
    float dot = 0.f;
#pragma unroll
    for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
      for (int e = 0; e < 2; e++) {
        int key = 8 * j + lane() % 4 * 2 + e;
        bool is = there && key < s.keys;
        weights[j][2 * half + e] = is ? rows.at[row * s.keys + key] : 0.f;
        if (GRADIENT) {
          dot += is ? rows.at[row * s.keys + key] * gradRows.at[row * s.keys + key] : 0.f;
        }
      }
    }
    if (GRADIENT) {
      dot = reduceLanes<Plus, 4>(dot);
#pragma unroll
      for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
        for (int e = 0; e < 2; e++) {
          int key = 8 * j + lane() % 4 * 2 + e;
          float grad = there && key < s.keys ? gradRows.at[row * s.keys + key] : 0.f;
          weights[j][2 * half + e] *= s.scale * (grad - dot);
        }
      }
    }
  }
  float sums[DIMS / 8][4];
  flash::clear(sums);
#pragma unroll
  for (int j = 0; j < KEYS / 16; j++) {
    unsigned a[4];
    flash::asLeft(a, weights[2 * j], weights[2 * j + 1]);
#pragma unroll
    for (int d = 0; d < DIMS / 16; d++) {
      unsigned b[4];
      flash::dimsRight<DIMS>(b, tile.at, 16 * j, 16 * d);
      flash::multiplyTwo(sums[2 * d], sums[2 * d + 1], a, b);
    }
  }
  flash::writeRows(
      out + block.queryStart, sums, 1.f, 1.f, block.firstQuery + 16 * warp(), s.queries, block.width, 0, s.headDim);
}

}  // namespace probs
