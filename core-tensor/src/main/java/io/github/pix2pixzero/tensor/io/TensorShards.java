package io.github.pix2pixzero.tensor.io;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tensors of a model that are spread over several files, its shards, by an index: {@code
 * NAME.safetensors.index.json} or, of pickles, {@code NAME.bin.index.json}, whose {@code
 * weight_map} says for each tensor which file beside it holds it. What a shard holds and the index
 * does not name is not there.
 */
final class TensorShards implements TensorSource {
  private static final String WEIGHT_MAP = "weight_map";

  private final String displayName;
  private final ImmutableList<TensorSource> shards;
  private final ImmutableMap<String, TensorSource> shardOf;

  /** Opens a file of a folder by its name. */
  @FunctionalInterface
  interface Opener {
    TensorSource open(String name) throws IOException;
  }

  private TensorShards(
      String displayName, Collection<TensorSource> shards, Map<String, TensorSource> shardOf) {
    this.displayName = displayName;
    this.shards = ImmutableList.copyOf(shards);
    this.shardOf = ImmutableMap.copyOf(shardOf);
  }

  /**
   * Opens the shards that an index names.
   *
   * @param opener of a shard in {@code folder}
   * @throws IOException naming the index if it names a file that is not beside it, or a tensor that
   *     is not in its file; naming the shard if that is malformed
   * @throws IllegalArgumentException if the index does not map names to files
   */
  static TensorShards open(ModelFolder folder, String index, Opener opener) throws IOException {
    String displayName = folder + "/" + index;
    Map<String, TensorSource> shards = new LinkedHashMap<>();
    Map<String, TensorSource> shardOf = new LinkedHashMap<>();
    try {
      for (var entry : folder.json(index).getStringMap(WEIGHT_MAP).entrySet()) {
        String name = entry.getKey();
        String shard = entry.getValue();
        if (!shards.containsKey(shard)) {
          try {
            shards.put(shard, beside(shard, opener));
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
        shardOf.put(name, shards.get(shard));
      }
      return new TensorShards(displayName, shards.values(), shardOf);
    } catch (IOException | RuntimeException | Error e) {
      for (TensorSource shard : shards.values()) {
        shard.close();
      }
      throw e;
    }
  }

  /** Opens a file of the folder itself, not of one above or below it. */
  private static TensorSource beside(String shard, Opener opener) throws IOException {
    if (shard.contains("/") || shard.contains("\\")) {
      throw new FileNotFoundException(shard);
    }
    return opener.open(shard);
  }

  /** The path of the index. */
  @Override
  public String displayName() {
    return displayName;
  }

  @Override
  public ImmutableSet<String> names() {
    return shardOf.keySet();
  }

  @Override
  public StoredTensor tensor(String name) throws SafetensorsException {
    TensorSource shard = shardOf.get(name);
    if (shard == null) {
      throw new SafetensorsException(displayName, "there is no tensor '" + name + "'");
    }
    return shard.tensor(name);
  }

  @Override
  public void close() throws IOException {
    for (TensorSource shard : shards) {
      shard.close();
    }
  }
}
