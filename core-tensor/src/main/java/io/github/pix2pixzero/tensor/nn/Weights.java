package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsShards;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tensors of a file or of several, found by walking down their dotted names: {@code
 * weights.at("down_blocks").at(0)}.
 *
 * <p>What is handed out is constant, lives outside of all scopes, and is already in the layout the
 * operations expect: linear weights [in, out], convolution weights [kernel, kernel, in, out]. What
 * nobody asked for is known at the end ({@link #leftovers()}).
 */
public final class Weights {
  private final Backend backend;
  private final SafetensorsShards files;
  private final String prefix;
  private final Set<String> unused;

  private Weights(Backend backend, SafetensorsShards files, String prefix, Set<String> unused) {
    this.backend = backend;
    this.files = files;
    this.prefix = prefix;
    this.unused = unused;
  }

  public static Weights of(Backend backend, SafetensorsFile file) {
    return of(backend, SafetensorsShards.of(file));
  }

  public static Weights of(Backend backend, SafetensorsShards files) {
    return new Weights(backend, files, "", new TreeSet<>(files.names()));
  }

  public Backend backend() {
    return backend;
  }

  /** The tensors whose names go on with {@code name} and a dot. */
  public Weights at(String name) {
    return new Weights(backend, files, prefix + name + ".", unused);
  }

  public Weights at(int index) {
    return at(Integer.toString(index));
  }

  /** Whether there is a tensor of this name. */
  public boolean has(String name) {
    return files.contains(prefix + name);
  }

  /** Names in the files that nothing has asked for so far, sorted. */
  public Set<String> leftovers() {
    return Collections.unmodifiableSet(new TreeSet<>(unused));
  }

  /**
   * A tensor as it is stored, in float32.
   *
   * @throws IllegalArgumentException naming file, tensor and both shapes if it is missing or has
   *     another shape
   */
  public Tensor tensor(String name, int... dims) {
    return constant(read(name, dims), dims);
  }

  /**
   * A linear layer's weight, stored [out, in] or as a 1×1 convolution's [out, in, 1, 1]; made [in,
   * out].
   */
  public Tensor linear(String name, int in, int out) {
    boolean convolution = has(name) && shape(name).length == 4;
    float[] stored = convolution ? read(name, out, in, 1, 1) : read(name, out, in);
    float[] data = new float[stored.length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        data[i * out + o] = stored[o * in + i];
      }
    }
    return constant(data, in, out);
  }

  /** A convolution's weight, stored [out, in, kernel, kernel]; made [kernel, kernel, in, out]. */
  public Tensor convolution(String name, int in, int out, int kernel) {
    float[] stored = read(name, out, in, kernel, kernel);
    float[] data = new float[stored.length];
    int taps = kernel * kernel;
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        for (int tap = 0; tap < taps; tap++) {
          data[(tap * in + i) * out + o] = stored[(o * in + i) * taps + tap];
        }
      }
    }
    return constant(data, kernel, kernel, in, out);
  }

  private Tensor constant(float[] data, int... dims) {
    Tensor tensor = Scope.detach(Tensor.of(backend, data, dims));
    tensor.storage().freeze();
    return tensor;
  }

  private float[] read(String name, int... dims) {
    String full = prefix + name;
    if (!files.contains(full)) {
      throw new IllegalArgumentException(
          "%s has no tensor %s (expected with shape %s)"
              .formatted(files.displayName(), full, Arrays.toString(dims)));
    }
    long[] shape = shape(name);
    if (!Arrays.equals(shape, Arrays.stream(dims).asLongStream().toArray())) {
      throw new IllegalArgumentException(
          "%s: %s has shape %s, expected %s"
              .formatted(files.displayName(), full, Arrays.toString(shape), Arrays.toString(dims)));
    }
    unused.remove(full);
    try {
      return files.file(full).readFloats(full);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long[] shape(String name) {
    try {
      return files.file(prefix + name).entry(prefix + name).shape();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
