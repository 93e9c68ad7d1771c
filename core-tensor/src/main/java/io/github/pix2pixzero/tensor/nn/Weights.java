package io.github.pix2pixzero.tensor.nn;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsShards;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The tensors of a file or of several, found by walking down their dotted names: {@code
 * weights.at("down_blocks").at(0)}.
 *
 * <p>What is handed out is constant, lives outside of all scopes, and is already in the layout the
 * operations expect: linear weights [in, out], convolution weights [kernel, kernel, in, out]. Half
 * precision stays what it is, as {@link Backend#constant} says. What nobody asked for is known at
 * the end ({@link #leftovers()}).
 */
public final class Weights {
  private final Backend backend;
  private final TensorSource source;
  private final Consumer<StoredTensor> listener;
  private final String prefix;
  private final Set<String> unused;
  private final List<Fault> faults;

  private Weights(
      Backend backend,
      TensorSource source,
      Consumer<StoredTensor> listener,
      String prefix,
      Set<String> unused,
      List<Fault> faults) {
    this.backend = backend;
    this.source = source;
    this.listener = listener;
    this.prefix = prefix;
    this.unused = unused;
    this.faults = faults;
  }

  public static Weights of(Backend backend, SafetensorsFile file) {
    return of(backend, SafetensorsShards.of(file));
  }

  public static Weights of(Backend backend, TensorSource source) {
    return of(backend, source, read -> {});
  }

  /**
   * As {@link #of(Backend, TensorSource)}, for who shows progress.
   *
   * @param listener told of every tensor when it has been read
   */
  public static Weights of(Backend backend, TensorSource source, Consumer<StoredTensor> listener) {
    return new Weights(backend, source, listener, "", new TreeSet<>(source.names()), null);
  }

  /**
   * Weights that are compared with what a model asks for, but not read: every tensor handed out is
   * null, nothing is refused, and {@link #faults()} says afterwards what was missing or of another
   * shape. There is no {@link #backend()}: what is built on these weights can only be thrown away.
   */
  public static Weights unread(TensorSource source) {
    return new Weights(
        null, source, read -> {}, "", new TreeSet<>(source.names()), new ArrayList<>());
  }

  public Backend backend() {
    return backend;
  }

  /** The tensors whose names go on with {@code name} and a dot. */
  public Weights at(String name) {
    return new Weights(backend, source, listener, prefix + name + ".", unused, faults);
  }

  public Weights at(int index) {
    return at(Integer.toString(index));
  }

  /** Whether there is a tensor of this name. */
  public boolean has(String name) {
    return source.contains(prefix + name);
  }

  /** Names in the files that nothing has asked for so far, sorted. */
  public Set<String> leftovers() {
    return Collections.unmodifiableSet(new TreeSet<>(unused));
  }

  /**
   * For {@linkplain #unread unread} weights, the tensors that the model asked for and did not find
   * with the shape it expects, in the order of asking.
   */
  public List<Fault> faults() {
    return faults == null ? List.of() : Collections.unmodifiableList(faults);
  }

  /**
   * A tensor as it is stored.
   *
   * @throws IllegalArgumentException naming file, tensor and both shapes if it is missing or has
   *     another shape
   */
  public Tensor tensor(String name, int... dims) {
    StoredTensor stored = find(name, dims);
    return stored == null ? null : constant(stored, UnaryOperator.identity(), dims);
  }

  /**
   * A linear layer's weight, stored [out, in] or as a 1×1 convolution's [out, in, 1, 1]; made [in,
   * out].
   */
  public Tensor linear(String name, int in, int out) {
    boolean convolution = has(name) && shape(prefix + name).length == 4;
    StoredTensor stored = convolution ? find(name, out, in, 1, 1) : find(name, out, in);
    return stored == null ? null : turned(stored, out, in, 1, in, out);
  }

  /** A convolution's weight, stored [out, in, kernel, kernel]; made [kernel, kernel, in, out]. */
  public Tensor convolution(String name, int in, int out, int kernel) {
    StoredTensor stored = find(name, out, in, kernel, kernel);
    return stored == null
        ? null
        : turned(stored, out, in, kernel * kernel, kernel, kernel, in, out);
  }

  private Tensor turned(StoredTensor stored, int out, int in, int taps, int... dims) {
    int elementBytes = stored.type().byteSize();
    return constant(stored, bytes -> OutputsLast.turn(bytes, elementBytes, out, in, taps), dims);
  }

  /**
   * Reads a tensor.
   *
   * @param layout rearranges its elements
   */
  private Tensor constant(StoredTensor stored, UnaryOperator<ByteBuffer> layout, int... dims) {
    try {
      ByteBuffer bytes = layout.apply(stored.bytes());
      Tensor tensor = Scope.outlive(Tensor.constant(backend, stored.type(), bytes, dims));
      listener.accept(stored);
      return tensor;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A tensor of this shape; null if weights are not to be read. */
  private StoredTensor find(String name, int... dims) {
    String full = prefix + name;
    unused.remove(full);
    Fault fault = fault(full, dims);
    if (faults != null) {
      if (fault != null) {
        faults.add(fault);
      }
      return null;
    }
    if (fault != null) {
      throw new IllegalArgumentException(source.displayName() + fault);
    }
    StoredTensor stored = stored(full);
    checkArgument(stored.type().isFloating(), "%s does not hold floating-point numbers", stored);
    return stored;
  }

  private Fault fault(String full, int... dims) {
    long[] expected = Arrays.stream(dims).asLongStream().toArray();
    if (!source.contains(full)) {
      return new Fault(full, expected, null);
    }
    long[] shape = shape(full);
    return Arrays.equals(shape, expected) ? null : new Fault(full, expected, shape);
  }

  private long[] shape(String full) {
    return stored(full).shape();
  }

  private StoredTensor stored(String full) {
    try {
      return source.tensor(full);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A tensor that is missing or has another shape than a model expects. */
  public static final class Fault {
    private final String name;
    private final long[] expected;
    private final long[] found;

    private Fault(String name, long[] expected, long[] found) {
      this.name = name;
      this.expected = expected;
      this.found = found;
    }

    public String name() {
      return name;
    }

    /** The shape that the model expects. A fresh array. */
    public long[] expected() {
      return expected.clone();
    }

    /** To be read after the name of the file. */
    @Override
    public String toString() {
      return found == null
          ? " has no tensor %s (expected with shape %s)".formatted(name, Arrays.toString(expected))
          : ": %s has shape %s, expected %s"
              .formatted(name, Arrays.toString(found), Arrays.toString(expected));
    }
  }
}
