// wgmma: a warp multiplies 16 of its group's 64 rows of A by the columns of B, both in shared memory. It does so at the
// last moment, when the results are waited for, so that whoever changes the operands before is found out.
#include <deque>
#include <vector>

#include "runtime.h"

namespace emulator {
namespace {

constexpr int DEPTH = 16;
constexpr int ROWS = 16;  // of a warp

// What all lanes of a warp do.
struct Multiplication {
  GroupProduct product;
  int group;
  float* sums[32] = {};
  int lanes = 0;  // that are done with it
  std::vector<float> a, b;
};

struct WarpState {
  std::deque<Multiplication> all;
  size_t gone = 0;  // that were in it before
  bool open[32];
  int groups[32];          // that each lane has closed
  size_t begun[32];        // multiplications of each lane
  size_t finished[32];
};

WarpState states[32];

// Shared memory by a matrix descriptor (PTX ISA, "Matrix Descriptor Format" and "Strides").
struct Operand {
  unsigned start, leading, stride;
  bool turned;

  Operand(unsigned long long descriptor, bool turned)
      : start((unsigned)(descriptor & 0x3fff) * 16),
        leading((unsigned)(descriptor >> 16 & 0x3fff) * 16),
        stride((unsigned)(descriptor >> 32 & 0x3fff) * 16),
        turned(turned) {
    unsigned swizzle = (unsigned)(descriptor >> 62);
    if (swizzle != (turned ? 2u : 1u) || (descriptor >> 49 & 7) != 0) {
      fail("a matrix descriptor %llx of a layout that is not emulated", descriptor);
    }
  }

  // Where an element is; the swizzle is of the address.
  unsigned offset(int row, int depth) const {
    unsigned r = (unsigned)row;
    unsigned d = (unsigned)depth;
    if (turned) {  // 64-byte swizzle, MN-major
      unsigned at = start + r / 32 * leading + r % 32 * 2 + d / 8 * stride + d % 8 * 64;
      return at ^ (at >> 7 & 3) << 4;
    }
    unsigned at = start + r / 8 * stride + r % 8 * 128 + d * 2;  // 128-byte swizzle, K-major
    return at ^ (at >> 7 & 7) << 4;
  }

  std::vector<float> read(int first, int rows, float (*value)(unsigned short)) const {
    std::vector<float> values;
    for (int row = first; row < first + rows; row++) {
      for (int d = 0; d < DEPTH; d++) {
        values.push_back(value(readShared(offset(row, d))));
      }
    }
    return values;
  }
};

void readOperands(Multiplication& m, int warp) {
  const GroupProduct& p = m.product;
  m.a = Operand(p.a, p.turnedA).read(warp % 4 * ROWS, ROWS, p.value);
  m.b = Operand(p.b, p.turnedB).read(0, p.columns, p.value);
}

void finish(Multiplication& m, int warp, int lane) {
  if (m.lanes == 0) {
    readOperands(m, warp);
  }
  for (int j = 0; j < m.product.columns / 8; j++) {
    for (int e = 0; e < 4; e++) {
      const float* a = &m.a[(size_t)(lane / 4 + e / 2 * 8) * DEPTH];
      const float* b = &m.b[(size_t)(8 * j + lane % 4 * 2 + e % 2) * DEPTH];
      float sum = 0;
      for (int d = 0; d < DEPTH; d++) {
        sum += a[d] * b[d];
      }
      m.sums[lane][4 * j + e] += sum;
    }
  }
  m.lanes++;
}

}  // namespace

void groupsBegin() {
  for (WarpState& state : states) {
    state = WarpState{};
  }
}

void openGroup() { states[current->number / 32].open[current->number & 31] = true; }

void multiplyGroup(const GroupProduct& product, float* sums, const char* file, int line) {
  int warp = current->number / 32;
  int lane = current->number & 31;
  WarpState& state = states[warp];
  if (!state.open[lane]) {
    fail("wgmma without wgmma.fence before it");
  }
  uint64_t bits[2] = {product.a, product.b};
  const Exchange& all = exchange(0xffffffffu, bits, 2, file, line);
  if (all.bits[0][0] != product.a || all.bits[0][1] != product.b) {
    fail("wgmma by descriptors that are not those of the warp's other lanes");
  }
  size_t number = state.begun[lane]++;
  if (number == state.gone + state.all.size()) {
    if (isHiddenFromTensorCores()) {
      fail("wgmma in a block that has written to shared memory without fence.proxy.async since");
    }
    state.all.push_back(Multiplication{product, state.groups[lane], {}, 0, {}, {}});
    readOperands(state.all.back(), warp);  // they may be read now, or any time until waited for
  }
  state.all[number - state.gone].sums[lane] = sums;
}

void closeGroup() {
  int lane = current->number & 31;
  WarpState& state = states[current->number / 32];
  state.open[lane] = false;
  state.groups[lane]++;
}

void waitForGroups(int pending) {
  int warp = current->number / 32;
  int lane = current->number & 31;
  WarpState& state = states[warp];
  while (state.finished[lane] < state.begun[lane]) {
    Multiplication& next = state.all[state.finished[lane] - state.gone];
    if (next.group >= state.groups[lane] - pending) {
      break;
    }
    finish(next, warp, lane);
    state.finished[lane]++;
    if (next.lanes == 32) {
      state.all.pop_front();
      state.gone++;
    }
  }
}

}  // namespace emulator
