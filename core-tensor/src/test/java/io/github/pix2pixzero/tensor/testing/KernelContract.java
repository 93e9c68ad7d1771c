package io.github.pix2pixzero.tensor.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Storage;
import java.util.Arrays;
import java.util.stream.Stream;

/** How a kernel of a backend is held against the {@link OracleBackend}. */
public interface KernelContract {

  /** The backend under test, running its kernels on so many threads. */
  Backend backend(int threads);

  /** The numbers of threads that must give the same bits. */
  default int[] threadCounts() {
    return new int[] {1, 2, 3};
  }

  /** A call of a kernel. Storages that were given as null are null. */
  @FunctionalInterface
  interface Kernel {
    void run(Backend backend, Storage[] in, Storage[] out);
  }

  /** An output that must be written in full: before the call it is all NaN. */
  static float[] fresh(int size) {
    float[] nan = new float[size];
    Arrays.fill(nan, Float.NaN);
    return nan;
  }

  /** The inputs or the outputs of a call. */
  static float[][] arrays(float[]... arrays) {
    return arrays;
  }

  /**
   * Runs a kernel on the oracle and on the backend and compares each output, relative to that
   * output's own scale. The results for different numbers of threads must be the same bits, and
   * inputs must be left alone.
   *
   * @param in contents of the inputs; null for one that is absent
   * @param out contents of the outputs before the call; null for one that is not wanted
   */
  default void check(String what, double tolerance, Kernel kernel, float[][] in, float[][] out) {
    float[][] expected = run(new OracleBackend(), what, kernel, in, out);
    float[][] first = null;
    for (int threads : threadCounts()) {
      String where = what + " on " + backend(threads);
      float[][] actual = run(backend(threads), where, kernel, in, out);
      for (int i = 0; i < out.length; i++) {
        if (out[i] != null && first == null) {
          assertClose(where + ", output " + i, actual[i], expected[i], tolerance);
        } else if (out[i] != null) {
          assertThat(bits(actual[i]))
              .as(where + ", output " + i + ": same bits as with one thread")
              .isEqualTo(bits(first[i]));
        }
      }
      first = first == null ? actual : first;
    }
  }

  private static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
    try {
      Tensors.assertClose(actual, expected, tolerance);
    } catch (AssertionError e) {
      throw new AssertionError(what + ": " + e.getMessage(), e);
    }
  }

  private static float[][] run(
      Backend backend, String what, Kernel kernel, float[][] in, float[][] out) {
    Storage[] inputs = upload(backend, in);
    Storage[] outputs = upload(backend, out);
    kernel.run(backend, inputs, outputs);
    float[][] after = download(backend, inputs);
    float[][] result = download(backend, outputs);
    for (int i = 0; i < in.length; i++) {
      assertThat(bits(after[i])).as(what + ": input " + i + " unchanged").isEqualTo(bits(in[i]));
    }
    Stream.of(inputs, outputs)
        .flatMap(Arrays::stream)
        .filter(storage -> storage != null)
        .forEach(Storage::release);
    return result;
  }

  private static Storage[] upload(Backend backend, float[][] arrays) {
    Storage[] storages = new Storage[arrays.length];
    for (int i = 0; i < arrays.length; i++) {
      if (arrays[i] != null) {
        storages[i] = backend.allocate(arrays[i].length);
        backend.upload(arrays[i], 0, storages[i]);
      }
    }
    return storages;
  }

  private static float[][] download(Backend backend, Storage[] storages) {
    float[][] arrays = new float[storages.length][];
    for (int i = 0; i < storages.length; i++) {
      if (storages[i] != null) {
        arrays[i] = new float[storages[i].size()];
        backend.download(storages[i], arrays[i], 0);
      }
    }
    return arrays;
  }

  /** Equal for all that are not numbers: a device need not keep which of them one is. */
  private static int[] bits(float[] values) {
    if (values == null) {
      return new int[0];
    }
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
    return bits;
  }
}
