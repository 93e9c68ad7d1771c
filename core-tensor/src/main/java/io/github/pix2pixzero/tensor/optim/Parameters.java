package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.nn.Initializer;
import io.github.pix2pixzero.tensor.nn.Initializer.Fans;
import io.github.pix2pixzero.tensor.nn.Layout;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.random.Generator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The weights of a network that is trained, by their dotted names. Whatever a layer asks for while
 * the network is built becomes a parameter:
 *
 * <pre>{@code
 * Parameters parameters = new Parameters(backend, new PhiloxGenerator(seed));
 * Linear hidden = Linear.load(parameters.at("hidden"), 2, 16);
 * Optimizer adam = new Adam(parameters, rate, Adam.Options.defaults());
 * }</pre>
 *
 * <p>Parameters live outside of all scopes until {@link #close}. A graph made from them ends with
 * the optimiser's next step: differentiating it afterwards is an {@link IllegalStateException}.
 */
public final class Parameters implements Weights, AutoCloseable {
  private final Backend backend;
  private final Generator generator;
  private final Initializer start;
  private final String prefix;
  private final Map<String, Parameter> byName;

  private Parameters(
      Backend backend,
      Generator generator,
      Initializer start,
      String prefix,
      Map<String, Parameter> byName) {
    this.backend = backend;
    this.generator = generator;
    this.start = start;
    this.prefix = prefix;
    this.byName = byName;
  }

  /**
   * No parameters yet.
   *
   * @param generator what those start with is drawn from it, in the order of asking
   */
  public Parameters(Backend backend, Generator generator) {
    this(backend, generator, Initializer.fanIn(), "", new TreeMap<>());
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public Parameters at(String name) {
    return new Parameters(backend, generator, start, prefix + name + ".", byName);
  }

  @Override
  public Parameters at(int index) {
    return at(Integer.toString(index));
  }

  @Override
  public Parameters starting(Initializer other) {
    return new Parameters(backend, generator, other, prefix, byName);
  }

  @Override
  public Initializer start() {
    return start;
  }

  /** Whether there is a parameter of this name. */
  @Override
  public boolean has(String name) {
    return byName.containsKey(prefix + name);
  }

  /** None: what nobody asks for is not made. */
  @Override
  public Set<String> leftovers() {
    return Set.of();
  }

  /**
   * Makes a parameter.
   *
   * @return the variable to compute with
   * @throws IllegalArgumentException if the name is taken
   */
  @Override
  public Tensor tensor(String name, Layout layout, Initializer initializer, Shape stored) {
    float[] elements = new float[stored.size()];
    initializer.fill(elements, Fans.of(stored), generator);
    return add(name, layout, layout.toUsed(elements, stored), layout.used(stored));
  }

  /**
   * Adds a parameter that is stored as it is used.
   *
   * @param values its elements at first, row-major; copied
   * @return the variable to compute with
   * @throws IllegalArgumentException if the name is taken or the values do not fill the shape
   */
  public Tensor add(String name, float[] values, int... dims) {
    return add(name, Layout.AS_STORED, values, Shape.of(dims));
  }

  private Tensor add(String name, Layout layout, float[] values, Shape shape) {
    String full = prefix + name;
    checkArgument(!byName.containsKey(full), "there is already a parameter %s", full);
    Tensor tensor = Scope.outlive(Tensor.of(backend, values, shape.toArray())).variable();
    byName.put(full, new Parameter(full, layout, tensor));
    return tensor;
  }

  /**
   * A parameter's variable.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public Tensor get(String name) {
    return parameter(name).tensor();
  }

  Parameter parameter(String name) {
    Parameter parameter = byName.get(prefix + name);
    checkArgument(parameter != null, "there is no parameter %s%s", prefix, name);
    return parameter;
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
    Parameters copy = new Parameters(backend, generator);
    for (Parameter parameter : all()) {
      Tensor tensor = parameter.tensor();
      copy.add(parameter.name(), parameter.layout(), tensor.toFloats(), tensor.shape());
    }
    return copy;
  }

  /**
   * The same parameters as weights of another network of the same form, which computes with them as
   * they change but is not trained by them: it records no graph. To draw pictures with a {@link
   * MovingAverage}, say.
   */
  public Weights frozen() {
    return new FrozenParameters(this);
  }

  /**
   * Writes all parameters from here down to a safetensors file, in float32, under full names and as
   * PyTorch lays them out: {@link Weights#of} reads it.
   */
  public void save(Path file) throws IOException {
    save(file, Map.of());
  }

  /**
   * As {@link #save(Path)}.
   *
   * @param metadata texts for the file's header
   */
  public void save(Path file, Map<String, String> metadata) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    metadata.forEach(writer::metadata);
    all().forEach(parameter -> StateFiles.add(writer, parameter));
    writer.write(file);
  }

  /**
   * Sets all parameters from here down to those of a file, in place, such as {@link #save} wrote.
   *
   * @throws IllegalArgumentException if the file has other names or shapes; nothing is changed then
   */
  public void load(Path file) throws IOException {
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      StateFiles.check(stored, all());
      StateFiles.set(stored, all());
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
