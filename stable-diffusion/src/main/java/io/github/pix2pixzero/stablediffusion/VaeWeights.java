package io.github.pix2pixzero.stablediffusion;

import io.github.pix2pixzero.hub.HubCache;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.RenamedTensors;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.vae.VaeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An autoencoder that is published on its own, to be used in place of a checkpoint's.
 *
 * @param weights under diffusers' names
 */
record VaeWeights(VaeConfig config, TensorSource weights) {
  private static final String CONFIG = DiffusersFolder.VAE + DiffusersFolder.CONFIG;

  /** What begins a name in each of the two layouts. */
  private static final String OF_DIFFUSERS = "encoder.down_blocks.";

  private static final String OF_COMP_VIS = "encoder.down.";

  /**
   * Opens a folder of diffusers, with the autoencoder in it or in its {@code vae/}, or a file under
   * the names of CompVis or diffusers.
   *
   * @throws IOException if it is neither, missing or malformed
   */
  static VaeWeights open(Path path, LoadOptions options) throws IOException {
    return Files.isDirectory(path) ? ofFolder(path, options) : ofFile(path, options);
  }

  private static VaeWeights ofFolder(Path path, LoadOptions options) throws IOException {
    ModelFolder folder = ModelFolder.of(HubCache.snapshotIn(path));
    boolean whole = folder.exists(CONFIG);
    ModelFolder vae = whole ? folder.at(DiffusersFolder.VAE) : folder;
    VaeConfig config = Configs.vae(vae.json("config.json"));
    return new VaeWeights(
        config, vae.weights(DiffusersFolder.WEIGHTS, options.variant().orElse(null)));
  }

  private static VaeWeights ofFile(Path path, LoadOptions options) throws IOException {
    TensorSource file = WeightsFile.open(path).tensors();
    try {
      TensorSource weights = underDiffusersNames(path, file);
      ModelFolder configs = options.config().map(ModelFolder::of).orElse(null);
      return new VaeWeights(
          configs != null && configs.exists(CONFIG)
              ? Configs.vae(configs.json(CONFIG))
              : InferredConfigs.vae(weights),
          weights);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static TensorSource underDiffusersNames(Path path, TensorSource file) throws IOException {
    if (file.names().stream().anyMatch(name -> name.startsWith(OF_DIFFUSERS))) {
      return file;
    }
    boolean within =
        file.names().stream().anyMatch(name -> name.startsWith(CompVisVaeNames.PREFIX));
    String prefix = within ? CompVisVaeNames.PREFIX : "";
    if (file.names().stream().noneMatch(name -> name.startsWith(prefix + OF_COMP_VIS))) {
      throw new IOException(
          "%s is no autoencoder: it has no %s* or %s*".formatted(path, OF_COMP_VIS, OF_DIFFUSERS));
    }
    List<String> names =
        file.names().stream()
            .filter(name -> name.startsWith(prefix))
            .map(name -> name.substring(prefix.length()))
            .toList();
    CompVisVaeNames layout = new CompVisVaeNames(names);
    Map<String, StoredTensor> renamed = new TreeMap<>();
    for (String name : names) {
      String known = layout.toDiffusers(name);
      if (known != null) {
        renamed.put(known, file.tensor(prefix + name));
      }
    }
    return new RenamedTensors(file, renamed);
  }
}
