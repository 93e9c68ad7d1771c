// The functions of libnvrtc.so.12 that the backend calls. Nothing is compiled: what comes out is an image of
// the emulated driver, if every header that is included was given and the precision is one.
#include <cstring>
#include <map>
#include <string>

#define API extern "C" __attribute__((visibility("default"))) int

namespace {

enum Result { SUCCESS = 0, INVALID_INPUT = 3, INVALID_OPTION = 5, COMPILATION = 6 };

struct Program {
  std::map<std::string, std::string> files;
  std::string log;
  std::string image;
};

int copy(const std::string& from, char* to) {
  memcpy(to, from.c_str(), from.size());
  return SUCCESS;
}

// The precision that a file is compiled for, in small letters; empty if there is none.
std::string precision(const std::string& macro) {
  const char* const all[] = {"F32", "TF32", "F16", "BF16"};
  const char* const names[] = {"f32", "tf32", "f16", "bf16"};
  for (int i = 0; i < 4; i++) {
    if (macro == std::string("PRECISION_") + all[i]) {
      return names[i];
    }
  }
  return "";
}

}  // namespace

API nvrtcVersion(int* major, int* minor) {
  *major = 12;
  *minor = 9;
  return SUCCESS;
}

extern "C" __attribute__((visibility("default"))) const char* nvrtcGetErrorString(int result) {
  switch (result) {
    case SUCCESS: return "NVRTC_SUCCESS";
    case INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
    case COMPILATION: return "NVRTC_ERROR_COMPILATION";
    default: return "NVRTC_ERROR_INVALID_INPUT";
  }
}

API nvrtcCreateProgram(
    Program** program, const char* source, const char* name, int headers, const char* const* texts,
    const char* const* names) {
  if (source == nullptr || name == nullptr) {
    return INVALID_INPUT;
  }
  *program = new Program();
  (*program)->files[name] = source;
  for (int i = 0; i < headers; i++) {
    (*program)->files[names[i]] = texts[i];
  }
  return SUCCESS;
}

API nvrtcDestroyProgram(Program** program) {
  delete *program;
  *program = nullptr;
  return SUCCESS;
}

API nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  std::string variant;
  bool machine = false;
  for (int i = 0; i < count; i++) {
    std::string option = options[i];
    machine |= option.rfind("--gpu-architecture=sm_", 0) == 0;
    if (option.rfind("--define-macro=", 0) == 0) {
      variant = precision(option.substr(15));
    }
  }
  if (!machine) {
    return INVALID_OPTION;
  }
  if (variant.empty()) {
    program->log = "there is no such precision";
    return COMPILATION;
  }
  const std::string include = "#include ";
  for (const auto& file : program->files) {
    const std::string& text = file.second;
    for (size_t at = text.find(include); at != std::string::npos; at = text.find(include, at)) {
      at += include.size();
      std::string header = text.substr(at + 1, text.find_first_of("\">\n", at + 1) - at - 1);
      // The emulator's own is for g++ alone.
      if (header != "emulation.h" && program->files.count(header) == 0) {
        program->log = file.first + ": cannot open source file \"" + header + "\"";
        return COMPILATION;
      }
    }
  }
  program->image = "emulated " + variant + "\n";
  return SUCCESS;
}

API nvrtcGetCUBINSize(Program* program, size_t* size) {
  *size = program->image.size();
  return SUCCESS;
}

API nvrtcGetCUBIN(Program* program, char* image) { return copy(program->image, image); }

API nvrtcGetProgramLogSize(Program* program, size_t* size) {
  *size = program->log.size();
  return SUCCESS;
}

API nvrtcGetProgramLog(Program* program, char* log) { return copy(program->log, log); }
