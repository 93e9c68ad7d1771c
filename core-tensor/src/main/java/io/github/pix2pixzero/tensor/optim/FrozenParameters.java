package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.nn.Initializer;
import io.github.pix2pixzero.tensor.nn.Layout;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Parameters handed out without their variables: the same elements, and no graph. */
final class FrozenParameters implements Weights {
  private final Parameters parameters;
  private final Set<String> unused;

  private FrozenParameters(Parameters parameters, Set<String> unused) {
    this.parameters = parameters;
    this.unused = unused;
  }

  FrozenParameters(Parameters parameters) {
    this(
        parameters,
        parameters.all().stream()
            .map(Parameter::name)
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Override
  public Backend backend() {
    return parameters.backend();
  }

  @Override
  public Weights at(String name) {
    return new FrozenParameters(parameters.at(name), unused);
  }

  @Override
  public boolean has(String name) {
    return parameters.has(name);
  }

  @Override
  public Set<String> leftovers() {
    return new TreeSet<>(unused);
  }

  @Override
  public Tensor tensor(String name, Layout layout, Initializer start, Shape stored) {
    Parameter parameter = parameters.parameter(name);
    unused.remove(parameter.name());
    Shape found = parameter.layout().stored(parameter.tensor().shape());
    checkArgument(
        parameter.layout() == layout && found.equals(stored),
        "parameter %s is %s%s, expected %s%s",
        parameter.name(),
        parameter.layout(),
        found,
        layout,
        stored);
    return parameter.tensor().detached();
  }
}
