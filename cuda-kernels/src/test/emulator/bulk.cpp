// Copies of boxes of a matrix to shared memory (cp.async.bulk.tensor) and the barriers that count their bytes. They are
// made at the last moment, by the first thread that waits.
#include <map>
#include <vector>

#include "runtime.h"

namespace emulator {
namespace {

struct Box {
  unsigned to;
  EncodedMap map;
  int x, y;
};

struct Barrier {
  int turns = 0;  // that are over
  bool shown = false;
  bool arrived = false;
  long expected = 0;
  std::vector<Box> boxes;
};

std::map<unsigned, Barrier> barriers;

Barrier& find(unsigned long long* barrier) {
  auto found = barriers.find(sharedOffset(barrier));
  if (found == barriers.end()) {
    fail("a barrier that has not been initialized");
  }
  return found->second;
}

// Chunks of 16 bytes in lines of 64: where one goes, by the 64-byte swizzle of its address.
unsigned place(const Box& box, unsigned chunk, unsigned line) {
  unsigned at = box.to + line * 64 + chunk * 16;
  return at ^ (at >> 7 & 3) << 4;
}

template <class F>
void eachChunk(const Box& box, F f) {
  for (unsigned line = 0; line < box.map.boxHeight; line++) {
    for (unsigned chunk = 0; chunk < box.map.boxWidth / 8; chunk++) {
      f(chunk, line);
    }
  }
}

void arrive(const Box& box) {
  const EncodedMap& map = box.map;
  eachChunk(box, [&](unsigned chunk, unsigned line) {
    uint64_t x = (uint64_t)box.x + 8 * chunk;
    uint64_t y = (uint64_t)box.y + line;
    bool inside = x < map.width && y < map.height;
    deliver(place(box, chunk, line), inside ? map.address + y * map.stride + 2 * x : 0);
  });
}

}  // namespace

void barriersBegin() { barriers.clear(); }

void initBarrier(unsigned long long* barrier) { barriers[sharedOffset(barrier)] = Barrier{}; }

void showBarriers() {
  for (auto& entry : barriers) {
    entry.second.shown = true;
  }
}

void expectBytes(unsigned long long* barrier, int bytes) {
  Barrier& b = find(barrier);
  if (b.arrived) {
    fail("a barrier of one thread at which two arrive");
  }
  b.arrived = true;
  b.expected = bytes;
}

void copyBox(void* to, const void* map, int x, int y, unsigned long long* barrier) {
  Barrier& b = find(barrier);
  Box box{sharedOffset(to), *static_cast<const EncodedMap*>(map), x, y};
  if (!b.shown) {
    fail("a bulk copy that may not see its barrier: fence.mbarrier_init is missing");
  }
  if (box.map.kind != EncodedMap::KIND || box.to % 128 != 0) {
    fail("a bulk copy by no tensor map, or to offset %u, which is no multiple of 128", box.to);
  }
  eachChunk(box, [&](unsigned chunk, unsigned line) { announce(place(box, chunk, line)); });
  b.boxes.push_back(box);
}

void waitForBytes(unsigned long long* barrier, int parity) {
  Barrier& b = find(barrier);
  if ((b.turns & 1) != parity) {
    return;
  }
  long bytes = 0;
  for (const Box& box : b.boxes) {
    bytes += 2l * box.map.boxWidth * box.map.boxHeight;
  }
  if (!b.arrived || bytes != b.expected) {
    fail("a wait without end: %ld bytes come of %ld that the barrier expects", bytes, b.expected);
  }
  for (const Box& box : b.boxes) {
    arrive(box);
  }
  b = Barrier{b.turns + 1, true, false, 0, {}};
}

}  // namespace emulator
