package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.optim.Parameter;
import io.github.pix2pixzero.tensor.optim.Parameters;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The reference vectors of {@code make_distill_goldens.py}: torch in float64, from the papers. */
final class Goldens {
  /** Torch in float32 differs by 7e-6 itself. */
  private static final double OUTPUTS = 2e-5;

  /** Of a tensor's largest element. */
  private static final double GRADIENTS = 1e-4;

  /**
   * The penalty reaches the discriminator's biases through the deviation within groups alone, whose
   * second derivative is large where pictures agree: torch in float32 differs by 3.5e-4 itself.
   */
  private static final double PENALTY_ON_BIASES = 1e-3;

  /** Absolute, at a learning rate of 0.002. */
  private static final double PARAMETERS = 2e-6;

  /** What three steps round; more than the above from 8 on, as weights of the mapping are. */
  private static final float ULPS = 2;

  static final int BATCH = 4;
  static final int GROUP = 2;

  private static final ComodConfig CONFIG =
      new ComodConfig(
          16, List.of(10, 8, 6), 20, 0.5, new ComodConfig.Mapping(5, 7, 3, 0.01), Head.BLEND);

  private Goldens() {}

  static ComodConfig config(Head head) {
    return CONFIG.with(head);
  }

  static Path path(String name) {
    try {
      return Path.of(Goldens.class.getResource("/goldens/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode cases() throws IOException {
    return new ObjectMapper().readTree(path("cases.json").toFile());
  }

  /** The network of a file, trainable. */
  static Parameters parameters(Backend backend) {
    return new Parameters(backend, new PhiloxGenerator(1));
  }

  /** All tensors of {@code io}. */
  static final class Vectors {
    private final Backend backend;
    private final Map<String, float[]> values = new HashMap<>();
    private final Map<String, int[]> shapes = new HashMap<>();

    Vectors(Backend backend, String file) throws IOException {
      this.backend = backend;
      try (SafetensorsFile stored = SafetensorsFile.open(path(file))) {
        for (String name : stored.names()) {
          values.put(name, stored.readFloats(name));
          long[] shape = stored.entry(name).shape();
          shapes.put(name, Arrays.stream(shape).mapToInt(Math::toIntExact).toArray());
        }
      }
    }

    /** As it is stored. */
    Tensor tensor(String name) {
      assertThat(values).containsKey(name);
      return Tensor.of(backend, values.get(name), shapes.get(name));
    }

    /** Channels last. */
    Tensor picture(String name) {
      return tensor(name).toChannelsLast();
    }

    /** What chance gives to the first pictures of the batch. */
    Chance chance(List<Tensor> styles, int batch, boolean dropout) {
      Map<String, Tensor> noise = new HashMap<>();
      for (String layer : List.of("4.conv", "8.up", "8.conv", "16.up", "16.conv")) {
        noise.put(layer, picture("noise." + layer).slice(0, 0, batch));
      }
      return new Chance(styles, noise, dropout ? tensor("keep").slice(0, 0, batch) : null);
    }

    void assertOutput(Tensor actual, String name) {
      float[] expected = values.get(name);
      assertThat(expected).as(name).isNotNull();
      Tensor stored = shapes.get(name).length == 4 ? actual.toChannelsFirst() : actual;
      double tolerance = OUTPUTS * Math.max(1, largest(expected));
      assertWithin(name, stored.toFloats(), expected, tolerance);
    }

    /** Gradients by the parameters' names, in the layout of files. */
    void assertGradients(String prefix, Parameters parameters, Tensor[] gradients) {
      int i = 0;
      for (Parameter parameter : parameters.all()) {
        String name = prefix + parameter.name();
        float[] expected = values.get(name);
        assertThat(expected).as(name).isNotNull();
        boolean hard = prefix.equals("r1.grad.") && name.endsWith(".bias");
        double tolerance = (hard ? PENALTY_ON_BIASES : GRADIENTS) * largest(expected);
        assertWithin(name, stored(parameter, gradients[i++]), expected, tolerance);
      }
      assertThat(i).isEqualTo(gradients.length);
    }

    /** The gradients of the vectors, as optimisers take them. */
    Tensor[] gradients(String prefix, Parameters parameters) {
      return parameters.all().stream()
          .map(
              parameter -> {
                var shape = parameter.tensor().shape();
                float[] used =
                    parameter
                        .layout()
                        .toUsed(
                            values.get(prefix + parameter.name()),
                            parameter.layout().stored(shape));
                return Tensor.of(backend, used, shape.toArray());
              })
          .toArray(Tensor[]::new);
    }

    void assertParameters(Parameters parameters) {
      assertThat(values).hasSize(parameters.all().size());
      for (Parameter parameter : parameters.all()) {
        float[] expected = values.get(parameter.name());
        double rounding = ULPS * Math.ulp((float) largest(expected));
        assertWithin(
            parameter.name(),
            stored(parameter, parameter.tensor()),
            expected,
            Math.max(PARAMETERS, rounding));
      }
    }
  }

  private static float[] stored(Parameter parameter, Tensor tensor) {
    return parameter
        .layout()
        .toStored(tensor.toFloats(), parameter.layout().stored(parameter.tensor().shape()));
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static void assertWithin(
      String name, float[] actual, float[] expected, double tolerance) {
    assertThat(actual).as(name).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) actual[i] - expected[i]);
      if (!(difference <= tolerance)) {
        throw new AssertionError(
            "%s: element %s is %s, expected %s within %s"
                .formatted(name, i, actual[i], expected[i], tolerance));
      }
    }
  }
}
