package io.github.pix2pixzero.stablediffusion;

import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.tensor.io.SafetensorsException;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Weights of which a sketch is made as they are read. */
final class SketchedTensors implements TensorSource {
  private final TensorSource source;
  private final WeightSketch sketch = new WeightSketch();

  /**
   * @param source not closed when this is
   */
  SketchedTensors(TensorSource source) {
    this.source = source;
  }

  /** Of all that has been read. */
  WeightSketch sketch() {
    return sketch;
  }

  @Override
  public String displayName() {
    return source.displayName();
  }

  @Override
  public ImmutableSet<String> names() {
    return source.names();
  }

  @Override
  public boolean contains(String name) {
    return source.contains(name);
  }

  @Override
  public StoredTensor tensor(String name) throws SafetensorsException {
    StoredTensor tensor = source.tensor(name);
    return StoredTensor.of(
        tensor.toString(),
        tensor.type(),
        tensor.shape(),
        () -> {
          ByteBuffer bytes = tensor.bytes();
          sketch.add(name, tensor.type(), tensor.shape(), bytes);
          return bytes;
        });
  }

  @Override
  public void close() throws IOException {
    // The source is another's.
  }
}
