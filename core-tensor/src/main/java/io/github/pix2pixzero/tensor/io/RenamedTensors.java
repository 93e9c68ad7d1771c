package io.github.pix2pixzero.tensor.io;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Map;

/**
 * Tensors of a file under other names, whole or some rows of them: what a model asks for, from a
 * file in another layout. The file stays open when this is closed.
 */
public final class RenamedTensors implements TensorSource {
  private final String displayName;
  private final ImmutableMap<String, StoredTensor> tensors;

  /**
   * @param displayName what this is called in messages
   */
  public RenamedTensors(String displayName, Map<String, StoredTensor> tensors) {
    this.displayName = displayName;
    this.tensors = ImmutableMap.copyOf(tensors);
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
      throw new SafetensorsException(displayName, "there is no tensor '" + name + "'");
    }
    return tensor;
  }

  @Override
  public void close() {}
}
