package io.github.pix2pixzero.cuda;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.javacpp.BytePointer;

/**
 * The kernels by family, which is the {@code .cu} file they are in. A family is loaded when the
 * first of its kernels is asked for: from what {@code nvcc} made of it when this artifact was
 * built, or, where the build machine had none or the driver cannot load that, from what {@link
 * RuntimeCompiler} makes of the sources.
 */
final class Kernels {
  private final int capability;
  private final Map<String, CUmod_st> modules = new HashMap<>();
  private final Map<String, CUfunc_st> functions = new HashMap<>();

  Kernels(int capability) {
    this.capability = capability;
  }

  CUfunc_st find(String family, String kernel) {
    String key = family + "." + kernel;
    CUfunc_st function = functions.get(key);
    if (function == null) {
      function = new CUfunc_st();
      CUmod_st module = modules.computeIfAbsent(family, this::load);
      Driver.check(
          cuModuleGetFunction(function, module, kernel),
          "finding the kernel %s in %s".formatted(kernel, family));
      functions.put(key, function);
    }
    return function;
  }

  /** Whether the family has a kernel of that name. */
  boolean has(String family, String kernel) {
    CUmod_st module = modules.computeIfAbsent(family, this::load);
    return cuModuleGetFunction(new CUfunc_st(), module, kernel) == CUDA_SUCCESS;
  }

  private CUmod_st load(String family) {
    String refusal = "it was built without nvcc";
    for (byte[] image : resources(family + ".fatbin")) {
      CUmod_st module = new CUmod_st();
      int status = load(module, image);
      if (status == CUDA_SUCCESS) {
        return module;
      }
      refusal = "the driver refuses what nvcc made of it: " + Driver.describe(status);
    }
    CUmod_st module = new CUmod_st();
    byte[] image;
    try {
      image = new RuntimeCompiler().compile(family, capability);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw new IllegalStateException(
          "the kernels of %s cannot be loaded (%s), nor compiled here: %s"
              .formatted(family, refusal, e.getMessage()),
          e);
    }
    Driver.check(load(module, image), "loading the kernels of " + family);
    return module;
  }

  private static int load(CUmod_st module, byte[] image) {
    try (BytePointer data = new BytePointer(image)) {
      return cuModuleLoadData(module, data);
    }
  }

  /**
   * Files beside the kernels, in the order of the class path: in tests there is one for the
   * emulated driver beside one for GPUs.
   */
  static List<byte[]> resources(String name) {
    String path = Kernels.class.getPackageName().replace('.', '/') + "/kernels/" + name;
    try {
      List<byte[]> files = new ArrayList<>();
      for (URL url : Collections.list(Kernels.class.getClassLoader().getResources(path))) {
        try (InputStream in = url.openStream()) {
          files.add(in.readAllBytes());
        }
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource " + path, e);
    }
  }
}
