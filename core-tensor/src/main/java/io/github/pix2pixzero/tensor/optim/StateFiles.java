package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Parameters, and what an optimiser keeps of each, saved as stored and set in place, bit for bit.
 */
final class StateFiles {
  private StateFiles() {}

  private static Shape storedShape(Parameter parameter) {
    return parameter.layout().stored(parameter.tensor().shape());
  }

  static void add(SafetensorsWriter writer, Parameter parameter) {
    Shape stored = storedShape(parameter);
    writer.add(
        parameter.name(),
        Arrays.stream(stored.toArray()).asLongStream().toArray(),
        parameter.layout().toStored(parameter.tensor().toFloats(), stored));
  }

  /**
   * Refuses a file that does not hold exactly these tensors with these shapes.
   *
   * @throws IllegalArgumentException naming what it holds instead
   */
  static void check(SafetensorsFile file, Collection<Parameter> parameters) throws IOException {
    Set<String> names =
        parameters.stream().map(Parameter::name).collect(Collectors.toCollection(TreeSet::new));
    checkArgument(
        file.names().equals(names),
        "%s should hold the tensors %s, but holds %s",
        file.displayName(),
        names,
        new TreeSet<>(file.names()));
    for (Parameter parameter : parameters) {
      String found = Arrays.toString(file.entry(parameter.name()).shape());
      String expected = storedShape(parameter).toString();
      checkArgument(
          found.equals(expected),
          "%s: %s has shape %s, expected %s",
          file.displayName(),
          parameter.name(),
          found,
          expected);
    }
  }

  /** Sets each tensor to the one of its name in the file, which has been checked. */
  static void set(SafetensorsFile file, Collection<Parameter> parameters) throws IOException {
    for (Parameter parameter : parameters) {
      Tensor tensor = parameter.tensor();
      float[] stored = file.readFloats(parameter.name());
      float[] used = parameter.layout().toUsed(stored, storedShape(parameter));
      tensor.backend().upload(used, 0, tensor.storage());
      tensor.storage().markChanged();
    }
  }
}
