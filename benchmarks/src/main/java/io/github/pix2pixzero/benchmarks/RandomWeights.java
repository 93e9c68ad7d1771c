package io.github.pix2pixzero.benchmarks;

import com.google.common.hash.Hashing;
import io.github.pix2pixzero.tensor.io.RenamedTensors;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.tensor.nn.DeclaredWeights;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Weights by chance: uniform with a variance of one over the number of inputs, and normalisations
 * that do nothing at first, so activations stay of the order of one. The same names give the same
 * weights.
 */
final class RandomWeights {
  private RandomWeights() {}

  /** Names and shapes of what a model asks for. */
  static Map<String, long[]> shapes(Consumer<Weights> model) {
    DeclaredWeights declared = Weights.declared(RenamedTensors.none());
    model.accept(declared);
    Map<String, long[]> shapes = new LinkedHashMap<>();
    declared
        .asked()
        .forEach(
            (name, shape) ->
                shapes.put(name, Arrays.stream(shape.toArray()).asLongStream().toArray()));
    return shapes;
  }

  /** Writes weights of these names and shapes. */
  static SafetensorsWriter writer(Map<String, long[]> shapes, StoredType type) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    shapes.forEach((name, shape) -> writer.add(name, type, shape, () -> values(name, shape)));
    return writer;
  }

  private static float[] values(String name, long[] shape) {
    float[] values = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b))];
    if (shape.length < 2) {
      Arrays.fill(values, name.endsWith("bias") ? 0 : 1);
      return values;
    }
    float bound = (float) Math.sqrt(3.0 * shape[0] / values.length);
    SplittableRandom random =
        new SplittableRandom(Hashing.sha256().hashUnencodedChars(name).asLong());
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (bound * (2 * random.nextDouble() - 1));
    }
    return values;
  }
}
