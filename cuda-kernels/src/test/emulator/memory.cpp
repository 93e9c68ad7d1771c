// Device memory, shared memory, and what is known of every word of either. A word is 4 bytes.
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <vector>

#include "runtime.h"

namespace emulator {
namespace {

enum State : uint8_t { OUTSIDE, FRESH, WRITTEN };

// Who touched a word last: the phase it was in, its warp's barriers since the block began, its number in the
// block, and whether it was less than the word. Phases are counted through all launches and end with a block
// or one of its barriers; 0 is nobody's.
using Access = uint64_t;
constexpr Access PARTIAL = 1;
constexpr Access THREAD = 0xfffe;
constexpr Access WARP = 0xffc0;
constexpr Access WARP_BARRIER = 0xffff0000;

struct Accesses {
  Access write;
  Access read;
};

// As on a GPU there are more addresses than memory: what is free may be in pieces.
constexpr size_t DEVICE_BYTES = (size_t)256 << 20;
constexpr size_t DEVICE_ADDRESSES = 4 * DEVICE_BYTES;
constexpr size_t SHARED_BYTES = 227 << 10;
constexpr size_t GAP = 256;
constexpr int MAX_WARPS = 32;

// Untouched pages of it cost nothing.
template <class T>
T* reserve(size_t count) {
  void* p = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    std::fprintf(stderr, "the CUDA emulator cannot reserve %zu bytes\n", count * sizeof(T));
    std::abort();
  }
  return static_cast<T*>(p);
}

// Memory and what is known of each of its words.
struct Arena {
  uintptr_t start;
  size_t bytes;
  State* states;
  Accesses* accesses;

  explicit Arena(size_t bytes)
      : start((uintptr_t)reserve<char>(bytes)),
        bytes(bytes),
        states(reserve<State>(bytes / 4)),
        accesses(reserve<Accesses>(bytes / 4)) {}

  bool contains(uintptr_t p) const { return p - start < bytes; }
  size_t word(uintptr_t p) const { return (p - start) / 4; }
  State& state(uintptr_t p) const { return states[word(p)]; }

  void set(uintptr_t from, size_t count, State state) const {
    if (count > 0) {
      memset(&states[word(from)], state, word(from + count - 1) + 1 - word(from));
    }
  }
};

const Arena device(DEVICE_ADDRESSES);
const Arena sharedArena(SHARED_BYTES);

std::map<uintptr_t, size_t> allocations;
std::map<uintptr_t, size_t> holes = {{device.start + GAP, DEVICE_ADDRESSES - GAP}};
size_t used = 0;

uint32_t phase = 0;
uint32_t firstOfLaunch = 1;
uint32_t firstOfBlock = 1;
Access mine = 0;  // an access that the thread at work makes now
uint16_t warpBarriers[MAX_WARPS];
uintptr_t stacks = 0;
size_t stackBytes = 0;

// The shared memory of the block at work, by declaration.
struct Declaration {
  size_t offset;
  size_t bytes;
};
std::map<int, Declaration> declarations;
size_t sharedUsed = 0;
size_t launchShared = 0;  // of the launch, at the arena's start

// Threads of the block that have written to shared memory, where the tensor cores do not see it yet.
bool hidden[MAX_WARPS * 32];

uint32_t phaseOf(Access access) { return (uint32_t)(access >> 32); }

// Whether an earlier access of the same launch is not ordered before one that is made now. In shared memory
// nothing is left of other blocks.
inline bool races(Access before, Access now, bool shared) {
  if (phaseOf(before) < (shared ? firstOfBlock : firstOfLaunch)) {
    return false;
  }
  if (before & now & PARTIAL) {
    return false;  // two halves of a word, for all that is known
  }
  if (phaseOf(before) < firstOfBlock) {
    return true;
  }
  Access differing = before ^ now;
  if (phaseOf(before) != phaseOf(now) || (differing & THREAD) == 0) {
    return false;
  }
  return (differing & WARP) != 0 || (differing & WARP_BARRIER) == 0;
}

const char* described(uintptr_t p, char (&text)[160]) {
  if (sharedArena.contains(p)) {
    std::snprintf(text, sizeof text, "shared memory at offset %zu", (size_t)(p - sharedArena.start));
    return text;
  }
  auto next = allocations.upper_bound(p);
  if (next != allocations.begin()) {
    auto at = std::prev(next);
    std::snprintf(
        text, sizeof text, "byte %zu of a global allocation of %zu bytes", (size_t)(p - at->first), at->second);
    return text;
  }
  std::snprintf(text, sizeof text, "address %p", (void*)p);
  return text;
}

[[noreturn]] void complain(const char* what, uintptr_t p, size_t size) {
  char text[160];
  fail("%s %zu bytes, %s", what, size, described(p, text));
}

[[noreturn]] void complainOfRace(const char* what, uintptr_t p, Access other) {
  char text[160];
  if (phaseOf(other) < firstOfBlock) {
    fail("%s %s of another block in the same launch, %s", what, "races with an access", described(p, text));
  }
  fail("%s races with thread %d of the block, %s", what, (int)(other & THREAD) / 2, described(p, text));
}

[[gnu::always_inline]] inline void check(const Arena& arena, uintptr_t p, size_t size, bool write) {
  bool shared = &arena == &sharedArena;
  if (p % (size < 4 ? size : 4) != 0) {
    complain("misaligned access to", p, size);
  }
  Access access = size < 4 ? mine | PARTIAL : mine;
  for (uintptr_t at = p & ~(uintptr_t)3; at < p + size; at += 4) {
    State& state = arena.state(at);
    Accesses& last = arena.accesses[arena.word(at)];
    if (state == OUTSIDE) {
      complain(write ? "out-of-bounds write of" : "out-of-bounds read of", p, size);
    }
    if (!write && state != WRITTEN) {
      complain("read of never-written memory:", p, size);
    }
    if (races(last.write, access, shared)) {
      complainOfRace(write ? "a write" : "a read", p, last.write);
    }
    if (write) {
      if (races(last.read, access, shared)) {
        complainOfRace("a write", p, last.read);
      }
      hidden[current->number] |= shared;
      state = WRITTEN;
      last.write = access;
    } else {
      last.read = access;
    }
  }
}

// The library's own data.
extern "C" __attribute__((visibility("hidden"))) char __ehdr_start;
extern "C" __attribute__((visibility("hidden"))) char _end;

[[gnu::always_inline]] inline void touched(void* address, size_t size, bool write) {
  auto p = (uintptr_t)address;
  if (current == nullptr) {
    return;  // the emulator itself
  }
  if (sharedArena.contains(p)) {
    check(sharedArena, p, size, write);
  } else if (device.contains(p)) {
    check(device, p, size, write);
  } else if (p - stacks >= stackBytes && (p < (uintptr_t)&__ehdr_start || p >= (uintptr_t)&_end)) {
    complain(write ? "wild write of" : "wild read of", p, size);
  }
}

}  // namespace

uintptr_t allocate(size_t bytes) {
  size_t need = (bytes + GAP - 1) / GAP * GAP + GAP;
  if (need > bytesFree()) {
    return 0;
  }
  for (auto hole = holes.begin(); hole != holes.end(); ++hole) {
    if (hole->second >= need) {
      uintptr_t start = hole->first;
      size_t rest = hole->second - need;
      holes.erase(hole);
      if (rest > 0) {
        holes[start + need] = rest;
      }
      allocations[start] = bytes;
      used += need;
      device.set(start, bytes, FRESH);
      return start;
    }
  }
  return 0;
}

bool release(uintptr_t start) {
  auto found = allocations.find(start);
  if (found == allocations.end()) {
    return false;
  }
  size_t need = (found->second + GAP - 1) / GAP * GAP + GAP;
  device.set(start, found->second, OUTSIDE);
  allocations.erase(found);
  used -= need;
  auto hole = holes.emplace(start, need).first;
  auto next = std::next(hole);
  if (next != holes.end() && hole->first + hole->second == next->first) {
    hole->second += next->second;
    holes.erase(next);
  }
  if (hole != holes.begin()) {
    auto previous = std::prev(hole);
    if (previous->first + previous->second == hole->first) {
      previous->second += hole->second;
      holes.erase(hole);
    }
  }
  return true;
}

size_t bytesTotal() { return DEVICE_BYTES; }

size_t bytesFree() { return DEVICE_BYTES - used; }

bool isWithin(uintptr_t start, size_t bytes, bool written, std::string& why) {
  for (uintptr_t p = start & ~(uintptr_t)3; p < start + bytes; p += 4) {
    if (!device.contains(p) || device.state(p) == OUTSIDE) {
      why = "a copy leaves its allocation after " + std::to_string(p - start) + " of " + std::to_string(bytes) + " bytes";
      return false;
    }
    if (written && device.state(p) != WRITTEN) {
      why = "a copy reads never-written memory at byte " + std::to_string(p - start) + " of " + std::to_string(bytes);
      return false;
    }
  }
  return true;
}

void markWritten(uintptr_t start, size_t bytes) { device.set(start, bytes, WRITTEN); }

namespace {

struct Copy {
  uintptr_t to;
  uint64_t bits[2];
};

// Of a thread: those not arrived, the oldest first, and how many of them each closed group has.
struct Copies {
  std::vector<Copy> all;
  std::deque<size_t> closed;
  size_t open = 0;
};

Copies copies[MAX_WARPS * 32];

}  // namespace

void copyBegins(void* to, const void* from) {
  Copy copy{(uintptr_t)to, {0, 0}};
  if (from != nullptr) {
    if ((uintptr_t)from % 16 != 0 || !device.contains((uintptr_t)from)) {
      complain("an asynchronous copy of what is not 16 aligned bytes of global memory:", (uintptr_t)from, 16);
    }
    touched(const_cast<void*>(from), 16, false);
    memcpy(copy.bits, from, 16);
  }
  if ((uintptr_t)to % 16 != 0 || !sharedArena.contains((uintptr_t)to)) {
    complain("an asynchronous copy to what is not 16 aligned bytes of shared memory:", (uintptr_t)to, 16);
  }
  bool before = hidden[current->number];
  touched(to, 16, true);
  hidden[current->number] = before;
  for (uintptr_t p = copy.to; p < copy.to + 16; p += 4) {
    sharedArena.state(p) = FRESH;
  }
  copies[current->number].all.push_back(copy);
  copies[current->number].open++;
}

void copiesClose() {
  Copies& own = copies[current->number];
  own.closed.push_back(own.open);
  own.open = 0;
}

void copiesArrive(int pending) {
  Copies& own = copies[current->number];
  while ((int)own.closed.size() > pending) {
    auto end = own.all.begin() + (ptrdiff_t)own.closed.front();
    for (auto copy = own.all.begin(); copy != end; ++copy) {
      touched((void*)copy->to, 16, true);
      memcpy((void*)copy->to, copy->bits, 16);
    }
    own.all.erase(own.all.begin(), end);
    own.closed.pop_front();
  }
}

void launchBegins() { firstOfLaunch = phase + 1; }

void blockBegins(size_t dynamicShared) {
  firstOfBlock = ++phase;
  memset(warpBarriers, 0, sizeof warpBarriers);
  memset(hidden, 0, sizeof hidden);
  for (auto& entry : declarations) {
    sharedArena.set(sharedArena.start + entry.second.offset, entry.second.bytes, OUTSIDE);
  }
  declarations.clear();
  sharedArena.set(sharedArena.start, launchShared, OUTSIDE);
  launchShared = dynamicShared;
  sharedArena.set(sharedArena.start, launchShared, FRESH);
  for (Copies& each : copies) {
    each.all.clear();
    each.closed.clear();
    each.open = 0;
  }
  sharedUsed = (launchShared + GAP - 1) / GAP * GAP + GAP;
}

void threadResumes() {
  auto number = (unsigned)current->number;
  mine = (Access)phase << 32 | (Access)warpBarriers[number / 32] << 16 | number << 1;
}

void barrierPassed() { phase++; }

void warpBarrierPassed(int warp) {
  warpBarriers[warp]++;
  threadResumes();
}

void setStacks(uintptr_t start, size_t bytes) {
  stacks = start;
  stackBytes = bytes;
}

void* shared(int declaration, size_t bytes, size_t alignment) {
  auto found = declarations.find(declaration);
  if (found == declarations.end()) {
    sharedUsed = (sharedUsed + alignment - 1) / alignment * alignment;
    if (sharedUsed + bytes > SHARED_BYTES) {
      fail("a block declares more than %zu bytes of shared memory", SHARED_BYTES);
    }
    found = declarations.emplace(declaration, Declaration{sharedUsed, bytes}).first;
    sharedArena.set(sharedArena.start + sharedUsed, bytes, FRESH);
    sharedUsed += (bytes + GAP - 1) / GAP * GAP + GAP;
  }
  if (found->second.bytes != bytes) {
    fail("one declaration of shared memory has two sizes, %zu and %zu bytes", found->second.bytes, bytes);
  }
  return (void*)(sharedArena.start + found->second.offset);
}

void* sharedAtLaunch(size_t bytes) {
  if (bytes != launchShared) {
    fail("a kernel declares %zu bytes of shared memory where its launch gave it %zu", bytes, launchShared);
  }
  return (void*)sharedArena.start;
}

unsigned sharedOffset(const void* p) {
  if (!sharedArena.contains((uintptr_t)p)) {
    complain("the shared address of what is not in shared memory:", (uintptr_t)p, 1);
  }
  return (unsigned)((uintptr_t)p - sharedArena.start);
}

unsigned short readShared(unsigned offset) {
  uintptr_t p = sharedArena.start + offset;
  touched((void*)(p & ~(uintptr_t)3), 4, false);  // whole words, so that nobody writes the other half
  return *(const unsigned short*)p;
}

void announce(unsigned offset) {
  uintptr_t to = sharedArena.start + offset;
  bool before = hidden[current->number];
  touched((void*)to, 16, true);
  hidden[current->number] = before;
  for (uintptr_t p = to; p < to + 16; p += 4) {
    sharedArena.state(p) = FRESH;
  }
}

void deliver(unsigned offset, uint64_t from) {
  void* to = (void*)(sharedArena.start + offset);
  bool before = hidden[current->number];
  touched(to, 16, true);
  hidden[current->number] = before;
  if (from == 0) {
    memset(to, 0, 16);
  } else {
    touched((void*)from, 16, false);
    memcpy(to, (const void*)from, 16);
  }
}

void showToTensorCores() { hidden[current->number] = false; }

bool isHiddenFromTensorCores() {
  for (int t = 0; t < (int)(blockSize.x * blockSize.y * blockSize.z); t++) {
    if (hidden[t]) {
      return true;
    }
  }
  return false;
}

}  // namespace emulator

// What -fsanitize=thread calls.
extern "C" {
void __tsan_init() {}
#define ACCESS(size)                                                                              \
  void __tsan_read##size(void* p) { emulator::touched(p, size, false); }                          \
  void __tsan_write##size(void* p) { emulator::touched(p, size, true); }                          \
  void __tsan_unaligned_read##size(void* p) { emulator::touched(p, size, false); }                \
  void __tsan_unaligned_write##size(void* p) { emulator::touched(p, size, true); }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
void __tsan_read_range(void* p, unsigned long size) { emulator::touched(p, size, false); }
void __tsan_write_range(void* p, unsigned long size) { emulator::touched(p, size, true); }
void __tsan_vptr_update(void**, void*) {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit(void*) {}
}
