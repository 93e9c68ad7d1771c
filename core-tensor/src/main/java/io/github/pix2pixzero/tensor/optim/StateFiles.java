package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;

/** Tensors that are saved and set in place, bit for bit. */
final class StateFiles {
  private StateFiles() {}

  static void add(SafetensorsWriter writer, String name, Tensor tensor) {
    long[] shape = Arrays.stream(tensor.shape().toArray()).asLongStream().toArray();
    writer.add(name, shape, tensor.toFloats());
  }

  /** Sets each tensor to the one of its name in the file, which must hold exactly these. */
  static void load(SafetensorsFile file, Map<String, Tensor> tensors) throws IOException {
    checkArgument(
        file.names().equals(tensors.keySet()),
        "%s should hold the tensors %s, but holds %s",
        file.displayName(),
        tensors.keySet(),
        new TreeSet<>(file.names()));
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      long[] shape = file.entry(entry.getKey()).shape();
      String expected = entry.getValue().shape().toString();
      checkArgument(
          Arrays.toString(shape).equals(expected),
          "%s: %s has shape %s, expected %s",
          file.displayName(),
          entry.getKey(),
          Arrays.toString(shape),
          expected);
    }
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      tensor.backend().upload(file.readFloats(entry.getKey()), 0, tensor.storage());
      tensor.storage().markChanged();
    }
  }
}
