package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.hub.DownloadPlan;
import io.github.pix2pixzero.hub.Hub;
import io.github.pix2pixzero.hub.ModelFiles;
import io.github.pix2pixzero.hub.ModelName;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.tensor.io.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What models are that are no checkpoints, and those that only the hub has so far. */
final class ModelReports {
  private static final String CONFIG = "config.json";
  private static final long MEBIBYTE = 1L << 20;

  private ModelReports() {}

  /** Whether a folder holds a single model in the layout of transformers. */
  static boolean isModel(Path folder) {
    return Files.exists(folder.resolve(CONFIG)) && !Files.exists(folder.resolve("unet"));
  }

  /**
   * Describes a single model without reading its weights.
   *
   * @throws IOException if a file is missing or malformed
   */
  static Map<String, Object> of(Path path) throws IOException {
    ModelFolder folder = ModelFolder.of(path);
    JsonConfig config = folder.json(CONFIG);
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("path", path.toString());
    report.put("kind", kind(config.getString("model_type", "")));
    try (TensorSource weights = folder.weights("model")) {
      long parameters = 0;
      long bytes = 0;
      Map<StoredType, Integer> types = new EnumMap<>(StoredType.class);
      for (String name : weights.names()) {
        StoredTensor tensor = weights.tensor(name);
        parameters += tensor.elementCount();
        bytes += tensor.byteSize();
        types.merge(tensor.storedType(), 1, Integer::sum);
      }
      report.put("parameters", parameters);
      report.put("tensors", weights.names().size());
      report.put("types", types);
      report.put("mebibytes", mebibytes(bytes));
    }
    return report;
  }

  private static String kind(String type) {
    return switch (type) {
      case "blip" -> "BLIP, which --captioner takes";
      case "clip" -> "CLIP, which --clip takes";
      case "vit" -> "a vision transformer; DINO's is what --dino takes";
      default -> "a model of type %s, which no option takes".formatted(type);
    };
  }

  /**
   * Describes a model of the hub: what has been downloaded of it like any folder; else what a
   * download would bring, which is asked of the hub.
   *
   * @throws IOException if the hub cannot be asked or has no such model
   */
  static Map<String, Object> of(ModelName name, LoadOptions options) throws IOException {
    Hub hub = Hub.fromEnvironment();
    Optional<Path> cached = hub.cached(name, ModelFiles.ofEither(options.variant()));
    if (cached.isPresent()) {
      return FileReports.of(cached.get(), options);
    }
    DownloadPlan plan = hub.plan(name, ModelFiles.ofEither(options.variant()));
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("name", name.toString());
    report.put("kind", "a model of the hub, to be downloaded yet");
    report.put("commit", plan.commit());
    report.put("files", plan.files().stream().map(DownloadPlan.PlannedFile::path).toList());
    report.put("mebibytes", mebibytes(plan.totalBytes()));
    report.put("to_download", mebibytes(plan.missingBytes()));
    return report;
  }

  /** Rounded up, as a download counts them. */
  private static long mebibytes(long bytes) {
    return (bytes + MEBIBYTE - 1) / MEBIBYTE;
  }
}
