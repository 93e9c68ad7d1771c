package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.TensorSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a model asks for, noted while it is built, and compared with the names and shapes of files.
 * Nothing is read and nothing refused: {@link #faults()} says afterwards what was missing or of
 * another shape.
 *
 * <p>What is handed out has a shape and no elements, on a backend without memory or kernels: a
 * model built of it can be asked for its form, and every computation is an {@link
 * UnsupportedOperationException}.
 */
public final class DeclaredWeights implements Weights {
  private final Names names;
  private final Map<String, Shape> asked;
  private final List<Fault> faults;

  private DeclaredWeights(Names names, Map<String, Shape> asked, List<Fault> faults) {
    this.names = names;
    this.asked = asked;
    this.faults = faults;
  }

  DeclaredWeights(TensorSource source) {
    this(new Names(source), new LinkedHashMap<>(), new ArrayList<>());
  }

  /** The full names of all tensors asked for so far, in this order, and their stored shapes. */
  public Map<String, Shape> asked() {
    return Collections.unmodifiableMap(asked);
  }

  /**
   * The tensors that the model asked for and that the files do not hold with the shape it expects,
   * in the order of asking.
   */
  public List<Fault> faults() {
    return Collections.unmodifiableList(faults);
  }

  @Override
  public Backend backend() {
    return NoMemory.BACKEND;
  }

  @Override
  public DeclaredWeights at(String name) {
    return new DeclaredWeights(names.at(name), asked, faults);
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
    asked.put(names.full(name), stored);
    names.ask(name, layout, stored).ifPresent(faults::add);
    return Scope.outlive(Tensor.empty(backend(), layout.used(stored)));
  }
}
