// Launches: every thread of a block is a fiber on a stack of its own; one runs at a time.
#include <sys/mman.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <map>
#ifndef __x86_64__
#include <ucontext.h>
#endif

#include "runtime.h"

namespace emulator {

Thread* current = nullptr;
uint3 block;
dim3 grid;
dim3 blockSize;

namespace {

constexpr size_t STACK = 64 << 10;
constexpr int MAX_THREADS = 1024;

std::map<std::string, Kernel>& kernels() {
  static std::map<std::string, Kernel> all;
  return all;
}

// ------------------------------------------------ switching between stacks

#ifdef __x86_64__
struct Context {
  void* stack;
};

extern "C" void emulatorSwitch(void** from, void* to);
asm(R"(
.text
.local emulatorSwitch
.type emulatorSwitch, @function
emulatorSwitch:
  push %rbp
  push %rbx
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, (%rdi)
  mov %rsi, %rsp
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbx
  pop %rbp
  ret
)");

void switchTo(Context& from, Context& to) { emulatorSwitch(&from.stack, to.stack); }

void prepare(Context& context, char* stack, void (*entry)()) {
  auto top = (void**)(stack + STACK);
  *--top = nullptr;  // what entry would return to; also gives the stack the alignment it has after a call
  *--top = (void*)entry;
  for (int i = 0; i < 6; i++) {
    *--top = nullptr;
  }
  context.stack = top;
}
#else
using Context = ucontext_t;

void switchTo(Context& from, Context& to) { swapcontext(&from, &to); }

void prepare(Context& context, char* stack, void (*entry)()) {
  getcontext(&context);
  context.uc_stack.ss_sp = stack;
  context.uc_stack.ss_size = STACK;
  context.uc_link = nullptr;
  makecontext(&context, entry, 0);
}
#endif

// ------------------------------------------------ one block

enum class State { READY, AT_BLOCK, AT_WARP, DONE };

struct Fiber : Thread {
  Context context;
  State state;
  unsigned mask;  // of the lanes it waits for
  const char* file;
  int line;
};

struct Warp {
  Exchange exchanges[2];
};

const Kernel* kernel;
void* const* arguments;
size_t sharedBytes;
// In the library's own data, which kernels may read: threadIdx is there.
Fiber fibers[MAX_THREADS];
Warp warps[MAX_THREADS / 32];
char* stacks = nullptr;
Context scheduler;
bool failed;
char report[600];

Fiber& self() { return *static_cast<Fiber*>(current); }

void yield() { switchTo(self().context, scheduler); }

void body() {
  kernel->invoke(arguments);
  self().state = State::DONE;
  yield();
}

const char* name(const char* file) {
  const char* slash = std::strrchr(file, '/');
  return slash == nullptr ? file : slash + 1;
}

void describe(const Fiber& fiber, char* text, size_t size) {
  if (fiber.state == State::DONE) {
    std::snprintf(text, size, "thread %d has returned", fiber.number);
  } else {
    std::snprintf(text, size, "thread %d waits for its %s at %s:%d", fiber.number,
                  fiber.state == State::AT_BLOCK ? "block" : "warp", name(fiber.file), fiber.line);
  }
}

void diverged(const Fiber& one, const Fiber& other) {
  char first[160];
  char second[160];
  describe(one, first, sizeof first);
  describe(other, second, sizeof second);
  std::snprintf(report, sizeof report, "divergent barriers in block %u: %s, but %s", block.x, first, second);
  failed = true;
}

// Lets a warp go whose lanes all wait for each other at one place. False if nothing has changed.
bool releaseWarp(int first, int end) {
  bool changed = false;
  for (int t = first; t < end && !failed; t++) {
    Fiber& fiber = fibers[t];
    if (fiber.state != State::AT_WARP) {
      continue;
    }
    unsigned mask = fiber.mask;
    bool all = true;
    for (int lane = 0; lane < 32 && all; lane++) {
      if (!(mask >> lane & 1)) {
        continue;
      }
      if (first + lane >= end) {
        std::snprintf(report, sizeof report, "a warp collective at %s:%d names lane %d, which the block does not have",
                      name(fiber.file), fiber.line, lane);
        failed = true;
        return false;
      }
      const Fiber& other = fibers[first + lane];
      all = other.state == State::AT_WARP && other.mask == mask && other.line == fiber.line &&
            other.file == fiber.file;
    }
    if (all) {
      for (int lane = 0; lane < 32; lane++) {
        if (mask >> lane & 1) {
          fibers[first + lane].state = State::READY;
        }
      }
      changed = true;
    }
  }
  return changed;
}

void runBlock() {
  int threads = (int)(blockSize.x * blockSize.y * blockSize.z);
  blockBegins(sharedBytes);
  groupsBegin();
  barriersBegin();
  for (int t = 0; t < threads; t++) {
    Fiber& fiber = fibers[t];
    unsigned x = (unsigned)t % blockSize.x;
    unsigned rest = (unsigned)t / blockSize.x;
    fiber.index = uint3{x, rest % blockSize.y, rest / blockSize.y};
    fiber.number = t;
    fiber.collectives = 0;
    fiber.state = State::READY;
    prepare(fiber.context, stacks + t * STACK, &body);
  }
  while (!failed) {
    for (int first = 0; first < threads && !failed; first += 32) {
      int end = first + 32 < threads ? first + 32 : threads;
      do {
        for (int t = first; t < end && !failed; t++) {
          if (fibers[t].state == State::READY) {
            current = &fibers[t];
            threadResumes();
            switchTo(scheduler, fibers[t].context);
            current = nullptr;
          }
        }
      } while (!failed && releaseWarp(first, end));
    }
    if (failed) {
      return;
    }
    // Every thread has returned or waits. Either all have returned, or all wait at the same barrier.
    const Fiber& one = fibers[0];
    for (int t = 0; t < threads; t++) {
      const Fiber& other = fibers[t];
      bool alike = other.state == one.state && (one.state == State::DONE || (other.line == one.line && other.file == one.file));
      if (!alike) {
        diverged(one, other);
        return;
      }
      if (other.state == State::AT_WARP) {  // with different masks, or it would be on its way
        diverged(other, fibers[t ^ 1]);
        return;
      }
    }
    if (one.state == State::DONE) {
      return;
    }
    for (int t = 0; t < threads; t++) {
      fibers[t].state = State::READY;
    }
    barrierPassed();
  }
}

}  // namespace

void declare(const char* name, Invoke invoke, const size_t* sizes, int count) {
  kernels()[name] = Kernel{name, invoke, sizes, count};
}

const Kernel* find(const std::string& name) {
  auto found = kernels().find(name);
  return found == kernels().end() ? nullptr : &found->second;
}

void waitForBlock(const char* file, int line) {
  Fiber& fiber = self();
  fiber.state = State::AT_BLOCK;
  fiber.file = file;
  fiber.line = line;
  yield();
}

const Exchange& exchange(unsigned mask, const uint64_t* bits, int count, const char* file, int line) {
  Fiber& fiber = self();
  int lane = fiber.number & 31;
  if (!(mask >> lane & 1)) {
    fail("a warp collective at %s:%d leaves out the lane that calls it", name(file), line);
  }
  // Two in turn: nobody is two collectives ahead of a lane that still reads.
  Exchange& all = warps[fiber.number / 32].exchanges[fiber.collectives++ & 1];
  for (int i = 0; i < count; i++) {
    all.bits[lane][i] = bits[i];
  }
  fiber.state = State::AT_WARP;
  fiber.mask = mask;
  fiber.file = file;
  fiber.line = line;
  yield();
  return all;
}

void waitForWarp(unsigned mask, const char* file, int line) {
  exchange(mask, nullptr, 0, file, line);
  int lowest = __builtin_ctz(mask);
  if ((current->number & 31) == lowest) {
    warpBarrierPassed(current->number / 32);
  }
}

void fail(const char* format, ...) {
  va_list values;
  va_start(values, format);
  int at = std::vsnprintf(report, sizeof report, format, values);
  va_end(values);
  if (current != nullptr && at >= 0 && (size_t)at < sizeof report) {
    std::snprintf(report + at, sizeof report - at, " [block %u, thread %d]", block.x, current->number);
  }
  failed = true;
  yield();  // and never back
  std::abort();
}

std::string launch(const Kernel& what, dim3 gridSize, dim3 threads, size_t dynamicShared, void* const* parameters) {
  if (stacks == nullptr) {
    stacks = (char*)mmap(nullptr, MAX_THREADS * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    setStacks((uintptr_t)stacks, MAX_THREADS * STACK);
  }
  kernel = &what;
  arguments = parameters;
  sharedBytes = dynamicShared;
  grid = gridSize;
  blockSize = threads;
  failed = false;
  launchBegins();
  for (unsigned z = 0; z < grid.z; z++) {
    for (unsigned y = 0; y < grid.y; y++) {
      for (unsigned x = 0; x < grid.x; x++) {
        block = uint3{x, y, z};
        runBlock();
        if (failed) {
          current = nullptr;
          return report;
        }
      }
    }
  }
  return "";
}

}  // namespace emulator
