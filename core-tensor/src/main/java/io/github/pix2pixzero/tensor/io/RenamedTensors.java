package io.github.pix2pixzero.tensor.io;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.util.Map;

/**
 * Tensors under other names, whole or some rows of them: what a model asks for, from a file in
 * another layout.
 */
public final class RenamedTensors implements TensorSource {
  private final String displayName;
  private final TensorSource source;
  private final ImmutableMap<String, StoredTensor> tensors;

  /**
   * @param source where they are from; closed when this is closed
   * @param tensors tensors of {@code source} by their new names
   */
  public RenamedTensors(TensorSource source, Map<String, StoredTensor> tensors) {
    this(source.displayName(), source, tensors);
  }

  private RenamedTensors(
      String displayName, TensorSource source, Map<String, StoredTensor> tensors) {
    this.displayName = displayName;
    this.source = source;
    this.tensors = ImmutableMap.copyOf(tensors);
  }

  /** No tensors at all: of a model that is compared with them, everything is missing. */
  public static RenamedTensors none() {
    return new RenamedTensors("nothing", null, ImmutableMap.of());
  }

  @Override
  public String displayName() {
    return displayName;
  }

  @Override
  public ImmutableSet<String> names() {
    return tensors.keySet();
  }

  @Override
  public StoredTensor tensor(String name) throws SafetensorsException {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new SafetensorsException(displayName(), "there is no tensor '" + name + "'");
    }
    return tensor;
  }

  @Override
  public void close() throws IOException {
    if (source != null) {
      source.close();
    }
  }
}
