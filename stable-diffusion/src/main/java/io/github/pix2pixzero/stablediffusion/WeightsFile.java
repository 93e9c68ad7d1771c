package io.github.pix2pixzero.stablediffusion;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.io.RenamedTensors;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.io.TorchStateDict;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The tensors of one file, safetensors or a pickle of PyTorch, without the prefixes that training
 * frameworks put before all names.
 *
 * @param tensors closed by whoever opened this
 * @param metadata free text attached to the file; of a pickle, the whole numbers beside the tensors
 */
record WeightsFile(TensorSource tensors, ImmutableMap<String, String> metadata) {
  private static final String SAFETENSORS = ".safetensors";
  private static final ImmutableList<String> PICKLES =
      ImmutableList.of(".ckpt", ".pt", ".pth", ".bin", ".pkl");
  private static final ImmutableList<String> PREFIXES = ImmutableList.of("state_dict.", "module.");

  /** Whether a file is one by its name. */
  static boolean isOne(Path path) {
    return hasEnding(path, ImmutableList.of(SAFETENSORS)) || hasEnding(path, PICKLES);
  }

  private static boolean hasEnding(Path path, ImmutableList<String> endings) {
    String file = path.getFileName().toString().toLowerCase(Locale.ROOT);
    return endings.stream().anyMatch(file::endsWith);
  }

  /**
   * Opens a file.
   *
   * @throws IOException naming the file if it is missing or malformed, or a pickle of anything but
   *     tensors under names
   */
  static WeightsFile open(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new FileNotFoundException("no such file: " + path);
    }
    if (!hasEnding(path, PICKLES)) {
      SafetensorsFile file = SafetensorsFile.open(path);
      return new WeightsFile(withoutPrefixes(file), file.metadata());
    }
    try {
      TorchStateDict file = TorchStateDict.open(path);
      ImmutableMap.Builder<String, String> numbers = ImmutableMap.builder();
      file.numbers().forEach((name, number) -> numbers.put(name, number.toString()));
      return new WeightsFile(withoutPrefixes(file), numbers.buildOrThrow());
    } catch (IOException e) {
      throw new IOException(
          "%s is a pickle that is not read (%s); use the .safetensors file of the checkpoint"
              .formatted(path, e.getMessage()),
          e);
    }
  }

  private static TensorSource withoutPrefixes(TensorSource source) throws IOException {
    if (source.names().stream().noneMatch(name -> PREFIXES.stream().anyMatch(name::startsWith))) {
      return source;
    }
    Map<String, StoredTensor> renamed = new LinkedHashMap<>();
    for (String name : source.names()) {
      renamed.putIfAbsent(withoutPrefixes(name), source.tensor(name));
    }
    return new RenamedTensors(source, renamed);
  }

  private static String withoutPrefixes(String name) {
    for (String prefix : PREFIXES) {
      if (name.startsWith(prefix)) {
        return withoutPrefixes(name.substring(prefix.length()));
      }
    }
    return name;
  }
}
