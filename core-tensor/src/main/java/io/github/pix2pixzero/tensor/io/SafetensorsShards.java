package io.github.pix2pixzero.tensor.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a model, in one safetensors file or spread over several, its shards, by an index:
 * {@code NAME.safetensors.index.json}, whose {@code weight_map} says for each tensor which file
 * beside it holds it. What a shard holds and the index does not name is not there.
 */
public final class SafetensorsShards implements TensorSource {
  private static final String WEIGHT_MAP = "weight_map";

  private final String displayName;
  private final ImmutableList<SafetensorsFile> files;
  private final ImmutableMap<String, SafetensorsFile> fileOf;

  private SafetensorsShards(
      String displayName, Collection<SafetensorsFile> files, Map<String, SafetensorsFile> fileOf) {
    this.displayName = displayName;
    this.files = ImmutableList.copyOf(files);
    this.fileOf = ImmutableMap.copyOf(fileOf);
  }

  /** A single file as it is; closing the result closes it. */
  public static SafetensorsShards of(SafetensorsFile file) {
    Map<String, SafetensorsFile> fileOf = new LinkedHashMap<>();
    file.names().forEach(name -> fileOf.put(name, file));
    return new SafetensorsShards(file.displayName(), List.of(file), fileOf);
  }

  static SafetensorsShards open(ModelFolder folder, String index) throws IOException {
    String displayName = folder + "/" + index;
    Map<String, SafetensorsFile> shards = new LinkedHashMap<>();
    Map<String, SafetensorsFile> fileOf = new LinkedHashMap<>();
    try {
      for (var entry : folder.json(index).getStringMap(WEIGHT_MAP).entrySet()) {
        String name = entry.getKey();
        String shard = entry.getValue();
        if (!shards.containsKey(shard)) {
          try {
            shards.put(shard, beside(folder, shard));
          } catch (FileNotFoundException | InvalidPathException e) {
            throw new SafetensorsException(
                displayName,
                "there is no file '" + shard + "' beside it, where " + name + " lies",
                e);
          }
        }
        if (!shards.get(shard).contains(name)) {
          throw new SafetensorsException(
              displayName, "'" + shard + "' should hold " + name + ", but does not");
        }
        fileOf.put(name, shards.get(shard));
      }
      return new SafetensorsShards(displayName, shards.values(), fileOf);
    } catch (IOException | RuntimeException | Error e) {
      for (SafetensorsFile shard : shards.values()) {
        shard.close();
      }
      throw e;
    }
  }

  /** Opens a file of the folder itself, not of one above or below it. */
  private static SafetensorsFile beside(ModelFolder folder, String shard) throws IOException {
    if (shard.contains("/") || shard.contains("\\")) {
      throw new FileNotFoundException(shard);
    }
    return folder.safetensors(shard);
  }

  /** The path of the only file, or of the index. */
  @Override
  public String displayName() {
    return displayName;
  }

  @Override
  public ImmutableSet<String> names() {
    return fileOf.keySet();
  }

  @Override
  public StoredTensor tensor(String name) throws SafetensorsException {
    SafetensorsFile file = fileOf.get(name);
    if (file == null) {
      throw new SafetensorsException(displayName, "there is no tensor '" + name + "'");
    }
    return StoredTensor.of(file, name);
  }

  @Override
  public void close() throws IOException {
    for (SafetensorsFile file : files) {
      file.close();
    }
  }
}
