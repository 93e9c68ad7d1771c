package io.github.pix2pixzero.tensor.nn;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Weights that are read from files when a layer asks for them. */
final class StoredWeights implements Weights {
  private final Backend backend;
  private final Names names;
  private final Consumer<StoredTensor> listener;

  StoredWeights(Backend backend, TensorSource source, Consumer<StoredTensor> listener) {
    this(backend, new Names(source), listener);
  }

  private StoredWeights(Backend backend, Names names, Consumer<StoredTensor> listener) {
    this.backend = backend;
    this.names = names;
    this.listener = listener;
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public Weights at(String name) {
    return new StoredWeights(backend, names.at(name), listener);
  }

  @Override
  public boolean has(String name) {
    return names.has(name);
  }

  @Override
  public Set<String> leftovers() {
    return names.leftovers();
  }

  @Override
  public Tensor tensor(String name, Layout layout, Initializer start, Shape stored) {
    Optional<Fault> fault = names.ask(name, layout, stored);
    if (fault.isPresent()) {
      throw new IllegalArgumentException(names.source() + fault.get());
    }
    StoredTensor tensor = names.stored(name);
    checkArgument(tensor.type().isFloating(), "%s does not hold floating-point numbers", tensor);
    try {
      ByteBuffer read = tensor.bytes();
      checkArgument(tensor.type().areFinite(read), "%s holds numbers that are not finite", tensor);
      ByteBuffer bytes = layout.toUsed(read, tensor.type().byteSize(), stored);
      int[] dims = layout.used(stored).toArray();
      Tensor constant = Scope.outlive(Tensor.constant(backend, tensor.type(), bytes, dims));
      listener.accept(tensor);
      return constant;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
