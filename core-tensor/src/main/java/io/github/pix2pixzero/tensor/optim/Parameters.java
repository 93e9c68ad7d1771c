package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The parameters of a network by their dotted names, which layers add while it is built: {@code
 * parameters.at("mapping").at(0).add("weight", values, 512, 512)}.
 *
 * <p>Parameters live outside of all scopes until {@link #close}. A graph made from them ends with
 * the optimiser's next step: differentiating it afterwards is an {@link IllegalStateException}.
 */
public final class Parameters implements AutoCloseable {
  private final Backend backend;
  private final String prefix;
  private final Map<String, Parameter> byName;

  private Parameters(Backend backend, String prefix, Map<String, Parameter> byName) {
    this.backend = backend;
    this.prefix = prefix;
    this.byName = byName;
  }

  /** No parameters yet. */
  public Parameters(Backend backend) {
    this(backend, "", new TreeMap<>());
  }

  public Backend backend() {
    return backend;
  }

  /** The same parameters seen from where names go on with {@code name} and a dot. */
  public Parameters at(String name) {
    return new Parameters(backend, prefix + name + ".", byName);
  }

  public Parameters at(int index) {
    return at(Integer.toString(index));
  }

  /**
   * Adds a parameter.
   *
   * @param values its elements at first, row-major; copied
   * @return the variable to compute with
   * @throws IllegalArgumentException if the name is taken or the values do not fill the shape
   */
  public Tensor add(String name, float[] values, int... dims) {
    String full = prefix + name;
    checkArgument(!byName.containsKey(full), "there is already a parameter %s", full);
    Tensor tensor = Scope.outlive(Tensor.of(backend, values, dims)).variable();
    byName.put(full, new Parameter(full, tensor));
    return tensor;
  }

  /**
   * A parameter's variable.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public Tensor get(String name) {
    Parameter parameter = byName.get(prefix + name);
    checkArgument(parameter != null, "there is no parameter %s%s", prefix, name);
    return parameter.tensor();
  }

  /** All parameters from here down, in the order of their names. */
  public Collection<Parameter> all() {
    return Collections.unmodifiableCollection(below().values());
  }

  /** The variables of {@link #all()}: the targets of a gradient. */
  public Tensor[] tensors() {
    return below().values().stream().map(Parameter::tensor).toArray(Tensor[]::new);
  }

  /** Another set of parameters of the same names and values. */
  public Parameters copy() {
    Parameters copy = new Parameters(backend);
    for (Parameter parameter : all()) {
      Tensor tensor = parameter.tensor();
      copy.add(parameter.name(), tensor.toFloats(), tensor.shape().toArray());
    }
    return copy;
  }

  /** Writes all parameters from here down to a safetensors file, in float32 under full names. */
  public void save(Path file) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    all().forEach(parameter -> StateFiles.add(writer, parameter.name(), parameter.tensor()));
    writer.write(file);
  }

  /**
   * Sets all parameters from here down to those of a file that {@link #save} wrote, in place.
   *
   * @throws IllegalArgumentException if the file has other names or shapes; nothing is changed then
   */
  public void load(Path file) throws IOException {
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      Map<String, Tensor> tensors = new TreeMap<>();
      all().forEach(parameter -> tensors.put(parameter.name(), parameter.tensor()));
      StateFiles.load(stored, tensors);
    }
  }

  /** Gives the memory of all parameters from here down back. */
  @Override
  public void close() {
    below().values().forEach(parameter -> parameter.tensor().storage().release());
  }

  private Map<String, Parameter> below() {
    if (prefix.isEmpty()) {
      return byName;
    }
    Map<String, Parameter> below = new TreeMap<>(byName);
    below.keySet().removeIf(name -> !name.startsWith(prefix));
    return below;
  }
}
