package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** The numbers that PyTorch computed, from a safetensors file beside the tests. */
record Vectors(Backend backend, SafetensorsFile file) {

  static Vectors load(Backend backend, String resource) {
    try (InputStream in = Vectors.class.getResourceAsStream(resource)) {
      return new Vectors(backend, SafetensorsFile.of(in.readAllBytes(), resource));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean has(String name) {
    return file.contains(name);
  }

  Tensor get(String name) {
    try {
      int[] shape = Arrays.stream(file.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
      return Tensor.of(backend, file.readFloats(name), shape);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
