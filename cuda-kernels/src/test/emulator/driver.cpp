// The functions of libcuda.so.1 that the backend calls. Work is done when it is asked for, or, while a
// stream is being captured, kept for the graph. Errors carry the emulator's report.
//
// The environment tunes what it pretends to be:
//   CUDA_EMULATOR_DEVICES     how many devices there are (1)
//   CUDA_EMULATOR_CAPABILITY  compute capability, 90 for 9.0
//   CUDA_EMULATOR_VERSION     version of the driver, 13000 for 13.0
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime.h"

#define API extern "C" __attribute__((visibility("default"))) int

namespace {

enum Result {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_FAILED = 719,
  STREAM_CAPTURE_UNSUPPORTED = 900,
};

struct Module {
  std::string variant;
};

using Work = std::function<int()>;

struct Graph {
  std::vector<Work> works;
};

struct Stream {
  std::unique_ptr<Graph> capture;
};

struct Event {
  int dummy;
};

std::recursive_mutex mutex;
bool initialized = false;
int device = 0;  // its address is the context
thread_local void* context = nullptr;
std::string lastReport;

std::map<void*, unsigned> sharedLimits;

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

int failure(int code, const std::string& report) {
  lastReport = report;
  return code;
}

int ready() { return !initialized ? NOT_INITIALIZED : context == nullptr ? INVALID_CONTEXT : SUCCESS; }

// Does it now, or keeps it for the graph that the stream is being captured into.
int perform(void* stream, Work work) {
  std::lock_guard<std::recursive_mutex> lock(mutex);
  if (int error = ready()) {
    return error;
  }
  auto s = static_cast<Stream*>(stream);
  if (s != nullptr && s->capture) {
    s->capture->works.push_back(std::move(work));
    return SUCCESS;
  }
  return work();
}

}  // namespace

API cuInit(unsigned) {
  if (setting("CUDA_EMULATOR_DEVICES", 1) < 1) {
    return NO_DEVICE;
  }
  initialized = true;
  return SUCCESS;
}

API cuDriverGetVersion(int* version) {
  *version = setting("CUDA_EMULATOR_VERSION", 13000);
  return SUCCESS;
}

// NVRTC asks the driver, if there is one, for functions that no header names; it does without.
API cuGetExportTable(const void** table, const void*) {
  *table = nullptr;
  return NOT_FOUND;
}

API cuGetErrorName(int code, const char** name) {
  switch (code) {
    case SUCCESS: *name = "CUDA_SUCCESS"; return SUCCESS;
    case INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; return SUCCESS;
    case OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; return SUCCESS;
    case NOT_INITIALIZED: *name = "CUDA_ERROR_NOT_INITIALIZED"; return SUCCESS;
    case NO_DEVICE: *name = "CUDA_ERROR_NO_DEVICE"; return SUCCESS;
    case INVALID_DEVICE: *name = "CUDA_ERROR_INVALID_DEVICE"; return SUCCESS;
    case INVALID_IMAGE: *name = "CUDA_ERROR_INVALID_IMAGE"; return SUCCESS;
    case INVALID_CONTEXT: *name = "CUDA_ERROR_INVALID_CONTEXT"; return SUCCESS;
    case NOT_FOUND: *name = "CUDA_ERROR_NOT_FOUND"; return SUCCESS;
    case ILLEGAL_ADDRESS: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; return SUCCESS;
    case LAUNCH_FAILED: *name = "CUDA_ERROR_LAUNCH_FAILED"; return SUCCESS;
    case STREAM_CAPTURE_UNSUPPORTED: *name = "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"; return SUCCESS;
    default: *name = nullptr; return INVALID_VALUE;
  }
}

API cuGetErrorString(int code, const char** text) {
  static thread_local std::string kept;
  std::lock_guard<std::recursive_mutex> lock(mutex);
  kept = lastReport.empty() ? "error " + std::to_string(code) + " of the emulated driver" : lastReport;
  lastReport.clear();
  *text = kept.c_str();
  return SUCCESS;
}

// ---------------------------------------------------------------- devices and contexts

API cuDeviceGetCount(int* count) {
  *count = setting("CUDA_EMULATOR_DEVICES", 1);
  return initialized ? SUCCESS : NOT_INITIALIZED;
}

API cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return ordinal >= 0 && ordinal < setting("CUDA_EMULATOR_DEVICES", 1) ? SUCCESS : INVALID_DEVICE;
}

API cuDeviceGetName(char* name, int length, int) {
  std::snprintf(name, (size_t)length, "Emulated device");
  return SUCCESS;
}

API cuDeviceGetAttribute(int* value, int attribute, int) {
  int capability = setting("CUDA_EMULATOR_CAPABILITY", 90);
  switch (attribute) {
    case 16: *value = 4; return SUCCESS;                // multiprocessors
    case 75: *value = capability / 10; return SUCCESS;  // compute capability
    case 76: *value = capability % 10; return SUCCESS;
    default: return INVALID_VALUE;
  }
}

API cuDevicePrimaryCtxRetain(void** result, int) {
  *result = &device;
  return initialized ? SUCCESS : NOT_INITIALIZED;
}

API cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }

API cuCtxSetCurrent(void* value) {
  context = value;
  return SUCCESS;
}

// ---------------------------------------------------------------- modules and launches

API cuModuleLoadData(void** module, const void* image) {
  if (int error = ready()) {
    return error;
  }
  if (image == nullptr) {
    return INVALID_VALUE;
  }
  // "emulated f16" and an end of line, see build.sh.
  std::string text(static_cast<const char*>(image), 9);
  if (text != "emulated ") {
    return failure(INVALID_IMAGE, "the image is not one of the emulated driver's");
  }
  const char* variant = static_cast<const char*>(image) + 9;
  *module = new Module{std::string(variant, strcspn(variant, "\n"))};
  return SUCCESS;
}

API cuModuleUnload(void* module) {
  delete static_cast<Module*>(module);
  return SUCCESS;
}

API cuModuleGetFunction(void** function, void* module, const char* name) {
  const emulator::Kernel* kernel = emulator::find(name + (" " + static_cast<Module*>(module)->variant));
  *function = const_cast<emulator::Kernel*>(kernel);
  return kernel == nullptr ? NOT_FOUND : SUCCESS;
}

API cuFuncGetAttribute(int* value, int, void*) {
  *value = 0;
  return SUCCESS;
}

// Matrices of elements of 16 bits, in boxes whose lines are 64 bytes, swizzled so.
API cuTensorMapEncodeTiled(
    void* map, int type, unsigned rank, void* address, const uint64_t* sizes, const uint64_t* strides,
    const uint32_t* box, const uint32_t* steps, int interleave, int swizzle, int, int fill) {
  constexpr int FLOAT16 = 6, BFLOAT16 = 9, SWIZZLE_64B = 2;
  bool known = (type == FLOAT16 || type == BFLOAT16) && rank == 2 && interleave == 0 && swizzle == SWIZZLE_64B &&
               fill == 0 && steps[0] == 1 && steps[1] == 1 && box[0] == 32 && box[1] <= 256;
  bool aligned = (uintptr_t)map % 64 == 0 && (uintptr_t)address % 16 == 0 && strides[0] % 16 == 0;
  if (!known || !aligned) {
    return failure(INVALID_VALUE, "a tensor map that is misaligned or not emulated");
  }
  emulator::EncodedMap encoded{
      emulator::EncodedMap::KIND, (uint64_t)address, sizes[0], sizes[1], strides[0], box[0], box[1]};
  memset(map, 0, 128);
  memcpy(map, &encoded, sizeof encoded);
  return ready();
}

// Of the attributes one is set: what shared memory a launch may ask for beyond 48 KiB.
API cuFuncSetAttribute(void* function, int attribute, int value) {
  if (attribute != 8 || value < 0 || value > 227 << 10) {
    return failure(INVALID_VALUE, "attribute " + std::to_string(attribute) + " = " + std::to_string(value));
  }
  sharedLimits[function] = (unsigned)value;
  return ready();
}

API cuLaunchKernel(
    void* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
    unsigned blockZ, unsigned sharedBytes, void* stream, void** parameters, void**) {
  auto kernel = static_cast<const emulator::Kernel*>(function);
  uint64_t threads = (uint64_t)blockX * blockY * blockZ;
  if (gridX == 0 || gridY == 0 || gridZ == 0 || threads == 0 || threads > 1024 || gridX > 0x7fffffffu ||
      gridY > 65535 || gridZ > 65535) {
    return failure(INVALID_VALUE, "a grid of " + std::to_string(gridX) + " x " + std::to_string(gridY) + " x " +
                                      std::to_string(gridZ) + " blocks of " + std::to_string(threads) + " threads");
  }
  auto limit = sharedLimits.find(function);
  if (sharedBytes > (limit == sharedLimits.end() ? 48u << 10 : limit->second)) {
    return failure(INVALID_VALUE, std::to_string(sharedBytes) + " bytes of shared memory, more than the function's limit");
  }
  // The arguments are copied: a graph uses them long after the call.
  std::vector<std::vector<char>> copies;
  for (int i = 0; i < kernel->count; i++) {
    auto bytes = static_cast<const char*>(parameters[i]);
    copies.emplace_back(bytes, bytes + kernel->sizes[i]);
  }
  return perform(stream, [=]() mutable {
    std::vector<void*> pointers;
    for (auto& copy : copies) {
      pointers.push_back(copy.data());
    }
    std::string report =
        emulator::launch(*kernel, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, sharedBytes, pointers.data());
    return report.empty() ? SUCCESS : failure(LAUNCH_FAILED, kernel->name + ": " + report);
  });
}

// ---------------------------------------------------------------- memory

API cuMemGetInfo_v2(size_t* free, size_t* total) {
  *free = emulator::bytesFree();
  *total = emulator::bytesTotal();
  return ready();
}

API cuMemAlloc_v2(uint64_t* address, size_t bytes) {
  std::lock_guard<std::recursive_mutex> lock(mutex);
  if (int error = ready()) {
    return error;
  }
  if (bytes == 0) {
    return INVALID_VALUE;
  }
  *address = emulator::allocate(bytes);
  return *address == 0 ? OUT_OF_MEMORY : SUCCESS;
}

API cuMemFree_v2(uint64_t address) {
  std::lock_guard<std::recursive_mutex> lock(mutex);
  if (int error = ready()) {
    return error;
  }
  return emulator::release(address) ? SUCCESS : failure(INVALID_VALUE, "nothing is allocated there");
}

API cuMemAllocHost_v2(void** address, size_t bytes) {
  *address = std::malloc(bytes);
  return *address == nullptr ? OUT_OF_MEMORY : SUCCESS;
}

API cuMemFreeHost(void* address) {
  std::free(address);
  return SUCCESS;
}

API cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void* stream) {
  return perform(stream, [=] {
    std::string why;
    if (!emulator::isWithin(to, bytes, false, why)) {
      return failure(ILLEGAL_ADDRESS, why);
    }
    memcpy((void*)to, from, bytes);
    emulator::markWritten(to, bytes);
    return (int)SUCCESS;
  });
}

API cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, void* stream) {
  return perform(stream, [=] {
    std::string why;
    if (!emulator::isWithin(from, bytes, true, why)) {
      return failure(ILLEGAL_ADDRESS, why);
    }
    memcpy(to, (const void*)from, bytes);
    return (int)SUCCESS;
  });
}

// ---------------------------------------------------------------- streams, events, graphs

API cuStreamCreate(void** stream, unsigned) {
  if (int error = ready()) {
    return error;
  }
  *stream = new Stream();
  return SUCCESS;
}

API cuStreamDestroy_v2(void* stream) {
  delete static_cast<Stream*>(stream);
  return SUCCESS;
}

API cuStreamSynchronize(void* stream) {
  return static_cast<Stream*>(stream)->capture
             ? failure(STREAM_CAPTURE_UNSUPPORTED, "a stream cannot be waited for while it is captured")
             : ready();
}

API cuEventCreate(void** event, unsigned) {
  *event = new Event();
  return SUCCESS;
}

API cuEventDestroy_v2(void* event) {
  delete static_cast<Event*>(event);
  return SUCCESS;
}

API cuEventRecord(void*, void*) { return SUCCESS; }

API cuEventSynchronize(void*) { return SUCCESS; }

API cuEventElapsedTime(float* milliseconds, void*, void*) {
  *milliseconds = 0;
  return SUCCESS;
}

API cuStreamBeginCapture_v2(void* stream, int) {
  auto s = static_cast<Stream*>(stream);
  if (s->capture) {
    return INVALID_VALUE;
  }
  s->capture = std::make_unique<Graph>();
  return SUCCESS;
}

API cuStreamEndCapture(void* stream, void** graph) {
  auto s = static_cast<Stream*>(stream);
  *graph = s->capture.release();
  return *graph == nullptr ? INVALID_VALUE : SUCCESS;
}

API cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) {
  *executable = new Graph(*static_cast<Graph*>(graph));
  return SUCCESS;
}

API cuGraphDestroy(void* graph) {
  delete static_cast<Graph*>(graph);
  return SUCCESS;
}

API cuGraphExecDestroy(void* executable) {
  delete static_cast<Graph*>(executable);
  return SUCCESS;
}

API cuGraphLaunch(void* executable, void* stream) {
  return perform(stream, [=] {
    for (auto& work : static_cast<Graph*>(executable)->works) {
      if (int error = work()) {
        return error;
      }
    }
    return (int)SUCCESS;
  });
}
