package io.github.pix2pixzero.benchmarks.libtorch;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/** libtorch's natives: whether they are there, and their threads. */
public final class Libtorch {
  private static final Pattern VERSION = Pattern.compile("TORCH_VERSION=([0-9.]+)");

  /** In the jar of MKL's natives. */
  private static final String OPEN_MP = "/org/bytedeco/mkl/linux-x86_64/libiomp5.so";

  private Libtorch() {}

  /** Why libtorch cannot be used here, in one line; empty if it can. */
  public static Optional<String> unavailable() {
    try {
      load();
      return Optional.empty();
    } catch (UncheckedIOException | UnsatisfiedLinkError e) {
      return Optional.of("its natives do not load (" + e.getMessage() + ")");
    }
  }

  private static void load() {
    if (usesMkl()) {
      loadOpenMp();
    }
    Loader.load(torch.class);
  }

  /**
   * MKL takes its threads from an OpenMP runtime, and finds its symbols only where that was loaded
   * for everybody: on some processors it says {@code undefined symbol: __kmpc_global_thread_num}.
   */
  private static void loadOpenMp() {
    try {
      File runtime = Loader.cacheResource(OPEN_MP);
      if (runtime == null) {
        throw new FileNotFoundException("no " + OPEN_MP + " on the class path");
      }
      Loader.loadGlobal(runtime.getPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The library's version and what it multiplies matrices with. */
  public static String description() {
    Matcher version = VERSION.matcher(torch.show_config().getString());
    return (version.find() ? version.group(1) : "of an unknown version")
        + " with "
        + (usesMkl() ? "MKL" : openblas_nolapack.OPENBLAS_VERSION.strip());
  }

  /** Whether the presets were told to load MKL in the place of OpenBLAS. */
  private static boolean usesMkl() {
    return System.getProperty("org.bytedeco.openblas.load", "").startsWith("mkl");
  }

  /**
   * Sets the number of threads, for one large product.
   *
   * <p>OpenBLAS has threads of its own: {@code at::set_num_threads(1)} alone leaves it running on
   * all processors.
   */
  public static void productThreads(int threads) {
    load();
    torch.set_num_threads(threads);
    openblas_nolapack.blas_set_num_threads(threads);
  }

  /**
   * Sets the number of threads, for attention, whose products are many and small. Threads of BLAS
   * besides those of libtorch get in each other's way: with two of each on two busy cores, the open
   * form took ten times as long.
   */
  public static void loopThreads(int threads) {
    load();
    torch.set_num_threads(threads);
    openblas_nolapack.blas_set_num_threads(1);
  }
}
