package io.github.pix2pixzero.cuda;

import static org.bytedeco.cuda.global.nvrtc.NVRTC_SUCCESS;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcDestroyProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetErrorString;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLog;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLogSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcVersion;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import io.github.pix2pixzero.tensor.io.CacheFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles kernels from the sources in this artifact by NVRTC, NVIDIA's compiler as a library.
 * Results are kept in {@code pix2pix-zero/cuda} under {@code $XDG_CACHE_HOME}, or else {@code
 * ~/.cache}, under a name that stands for the sources, the compiler and the architecture.
 */
final class RuntimeCompiler {
  private static final Logger LOG = LoggerFactory.getLogger(RuntimeCompiler.class);
  private static final List<String> HEADERS =
      List.of(
          "common.cuh",
          "gelu.cuh",
          "loaders.cuh",
          "arithmetic.cuh",
          "tiles.cuh",
          "fma.cuh",
          "tf32.cuh",
          "mma.cuh",
          "pipeline.cuh",
          "warpgroup.cuh",
          "attention.cuh",
          "flash.cuh",
          "probs.cuh");

  private final Optional<Path> cache;

  RuntimeCompiler() {
    cache = CacheFolder.ofUser().map(folder -> folder.resolve("cuda"));
  }

  RuntimeCompiler(Path cache) {
    this.cache = Optional.of(cache);
  }

  /**
   * The machine code of a family of kernels.
   *
   * @param family the source file and the precision, {@code matmul_f16}
   * @param capability of the device, 90 for 9.0
   * @throws CudaException with the compiler's log if it fails
   */
  byte[] compile(String family, int capability) {
    Map<String, String> sources = new TreeMap<>();
    HEADERS.forEach(name -> sources.put(name, source(name)));
    int end = family.lastIndexOf('_');
    String file = family.substring(0, end) + ".cu";
    sources.put(file, source(file));
    String[] compilerOptions = {
      "--gpu-architecture=sm_" + architecture(capability),
      "--std=c++17",
      "--define-macro=PRECISION_" + family.substring(end + 1).toUpperCase(Locale.ROOT)
    };
    Optional<Path> kept =
        cache.map(
            folder -> folder.resolve(family + "-" + key(sources, compilerOptions) + ".cubin"));
    try {
      if (kept.filter(Files::exists).isPresent()) {
        return Files.readAllBytes(kept.get());
      }
    } catch (IOException e) {
      LOG.warn("Cannot read {}, compiling again: {}", kept.get(), e.toString());
    }
    LOG.info("Compiling {} for sm_{}, this happens once", family, capability);
    byte[] code = compile(file, sources, compilerOptions);
    kept.ifPresent(path -> keep(code, path));
    return code;
  }

  private static void keep(byte[] code, Path file) {
    try {
      Files.createDirectories(file.getParent());
      AtomicFiles.write(file, out -> out.write(code));
    } catch (IOException e) {
      LOG.warn("Cannot keep {}, it will be compiled again: {}", file, e.toString());
    }
  }

  /** That of compute capability 9.0 whose code runs on no other and may therefore use wgmma. */
  private static String architecture(int capability) {
    return capability == 90 ? "90a" : Integer.toString(capability);
  }

  private static String source(String name) {
    return Kernels.resources(name).stream()
        .findFirst()
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .orElseThrow(
            () ->
                new IllegalStateException("the source " + name + " is missing from this artifact"));
  }

  private static String key(Map<String, String> sources, String[] options) {
    int[] major = new int[1];
    int[] minor = new int[1];
    check(nvrtcVersion(major, minor), "nvrtcVersion", "");
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putInt(major[0]).putInt(minor[0]).putUnencodedChars(String.join(" ", options));
    sources.forEach(
        (name, text) ->
            hasher.putInt(name.length()).putUnencodedChars(name).putUnencodedChars(text));
    return hasher.hash().toString().substring(0, 32);
  }

  private static byte[] compile(
      String file, Map<String, String> sources, String[] compilerOptions) {
    String[] names = HEADERS.toArray(String[]::new);
    String[] texts = HEADERS.stream().map(sources::get).toArray(String[]::new);
    _nvrtcProgram program = new _nvrtcProgram();
    try (BytePointer source = new BytePointer(sources.get(file));
        BytePointer name = new BytePointer(file);
        PointerPointer<BytePointer> headers = new PointerPointer<>(texts);
        PointerPointer<BytePointer> includes = new PointerPointer<>(names);
        PointerPointer<BytePointer> options = new PointerPointer<>(compilerOptions);
        SizeTPointer size = new SizeTPointer(1)) {
      check(
          nvrtcCreateProgram(program, source, name, names.length, headers, includes),
          "nvrtcCreateProgram",
          "");
      try {
        int status = nvrtcCompileProgram(program, compilerOptions.length, options);
        String log = log(program);
        check(status, "compiling " + file, log);
        if (log.contains("serialized")) {
          LOG.warn("This NVRTC makes slower code of {} than it could be:{}", file, log);
        }
        check(nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize", "");
        byte[] code = new byte[Math.toIntExact(size.get())];
        check(nvrtcGetCUBIN(program, code), "nvrtcGetCUBIN", "");
        return code;
      } finally {
        nvrtcDestroyProgram(program);
      }
    }
  }

  private static String log(_nvrtcProgram program) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      check(nvrtcGetProgramLogSize(program, size), "nvrtcGetProgramLogSize", "");
      byte[] text = new byte[Math.toIntExact(size.get())];
      check(nvrtcGetProgramLog(program, text), "nvrtcGetProgramLog", "");
      return "\n" + new String(text, StandardCharsets.UTF_8).strip();
    }
  }

  private static void check(int status, String what, String detail) {
    if (status != NVRTC_SUCCESS) {
      throw new CudaException(
          status, what + " failed: " + nvrtcGetErrorString(status).getString() + detail);
    }
  }
}
