package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.InversionFile;
import io.github.pix2pixzero.clip.LearnedWord;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.distill.StudentFiles;
import io.github.pix2pixzero.distill.StudentInfo;
import io.github.pix2pixzero.hub.HubCache;
import io.github.pix2pixzero.inversion.NoiseStatistics;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.picture.PngTexts;
import io.github.pix2pixzero.stablediffusion.Checkpoint;
import io.github.pix2pixzero.stablediffusion.EmbeddingChoice;
import io.github.pix2pixzero.stablediffusion.Inspection;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.stablediffusion.ModelIdentity;
import io.github.pix2pixzero.stablediffusion.TextualInversion;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.TorchTensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a file or folder is, for people and programs: texts, numbers, lists and maps by name. */
final class FileReports {
  private static final String KIND = "kind";
  private static final long MEBIBYTE = 1L << 20;

  private FileReports() {}

  /**
   * Describes a checkpoint, another model, a student, a direction file, an inversion or a picture.
   *
   * @param options how to open it if it is a checkpoint
   * @throws IOException if it is malformed or none of these
   * @throws IllegalArgumentException if it is a checkpoint of a kind that is not supported
   */
  static Map<String, Object> of(Path path, LoadOptions options) throws IOException {
    if (Files.isDirectory(path)) {
      if (StudentFiles.isStudent(path)) {
        return student(path);
      }
      Path folder = HubCache.snapshotIn(path);
      return ModelReports.isModel(folder) ? ModelReports.of(folder) : checkpoint(path, options);
    }
    if (!Files.isRegularFile(path)) {
      throw new IOException(
          path + " is a pipe or device; info has to look at a file more than once");
    }
    if (isSafetensors(path)) {
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        if (InversionFile.isInversion(file)) {
          return inversion(path);
        }
        if (StudentFiles.isStudent(file)) {
          return student(path);
        }
        if (EditDirection.isDirection(file)) {
          return direction(path);
        }
      }
      return TextualInversion.isOne(path) ? learnedWord(path) : checkpoint(path, options);
    }
    if (!TorchTensor.isTorchFile(path)) {
      return picture(path);
    }
    if (TorchTensor.holdsOne(path)) {
      return direction(path);
    }
    return TextualInversion.isOne(path) ? learnedWord(path) : checkpoint(path, options);
  }

  static boolean isNamedSafetensors(Path path) {
    return path.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors");
  }

  /** By its name or, where that is another, by what is in it. */
  private static boolean isSafetensors(Path path) {
    if (isNamedSafetensors(path)) {
      return true;
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static Map<String, Object> learnedWord(Path path) throws IOException {
    Map<String, Object> report = new LinkedHashMap<>();
    LearnedWord word = TextualInversion.read(new EmbeddingChoice(path, Optional.empty()));
    report.put("path", path.toString());
    report.put(KIND, "learned word of textual inversion (--embedding)");
    report.put("token", word.token());
    report.put("vectors", word.count());
    report.put("text_width", word.width());
    report.put("family", Checkpoint.Family.ofWidth(word.width()).title());
    report.put("hash", word.hash());
    return report;
  }

  private static Map<String, Object> checkpoint(Path path, LoadOptions options) throws IOException {
    Map<String, Object> report = new LinkedHashMap<>();
    try (Checkpoint checkpoint = Checkpoint.open(path, options)) {
      Inspection inspection = Inspection.of(checkpoint);
      JsonConfig scheduler = checkpoint.scheduler();
      int size =
          checkpoint.unetConfig().sampleSize()
              << (checkpoint.vaeConfig().blockOutChannels().size() - 1);
      report.put("path", checkpoint.name());
      report.put(
          KIND,
          switch (checkpoint.layout()) {
            case DIFFUSERS -> "checkpoint, a folder in the layout of diffusers";
            case SINGLE_FILE -> "checkpoint, one file in the layout of CompVis";
          });
      report.put("family", checkpoint.family().title());
      report.put("prediction_type", scheduler.getString("prediction_type", "epsilon"));
      report.put(
          "scheduler",
          "%s, %s, %s timesteps"
              .formatted(
                  scheduler.getString("_class_name", "unnamed"),
                  scheduler.getString("beta_schedule", "scaled_linear"),
                  scheduler.getInt("num_train_timesteps", 1000)));
      report.put("timestep_spacing", scheduler.getString("timestep_spacing", "leading"));
      report.put("picture_size", size + "x" + size);
      report.put("text_width", checkpoint.textConfig().hiddenSize());
      ImmutableList.Builder<String> missing = ImmutableList.builder();
      ImmutableList.Builder<String> leftovers = ImmutableList.builder();
      for (Inspection.Part part : inspection.parts()) {
        report.put(part.name(), part(part));
        part.faults().forEach(fault -> missing.add(part.name() + fault));
        part.leftovers().forEach(name -> leftovers.add(part.name() + ": " + name));
      }
      report.put("missing", missing.build());
      if (!checkpoint.refusals().isEmpty()) {
        report.put("refused", checkpoint.refusals());
      }
      report.put("left_over", leftovers.addAll(checkpoint.leftovers()).build());
    }
    return report;
  }

  private static Map<String, Object> part(Inspection.Part part) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("parameters", part.parameters());
    report.put("tensors", part.tensors());
    report.put("types", part.types());
    report.put("mebibytes", part.bytes() / MEBIBYTE);
    return report;
  }

  private static Map<String, Object> student(Path path) throws IOException {
    return student(path.toString(), StudentFiles.info(path));
  }

  /**
   * Describes a student.
   *
   * @param name its path, or its own where it is a bundled one
   */
  static Map<String, Object> student(String name, StudentInfo info) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("path", name);
    report.put(KIND, "student, " + info.config().kind());
    report.put("picture_size", info.config().resolution() + "x" + info.config().resolution());
    report.put("config", info.config().toJson());
    report.putAll(new TreeMap<>(info.metadata()));
    return report;
  }

  private static Map<String, Object> inversion(Path path) throws IOException {
    Map<String, Object> report = new LinkedHashMap<>();
    Inversion inversion = InversionFile.read(path, Backends.best());
    NoiseStatistics noise = inversion.noiseStatistics();
    report.put("path", path.toString());
    report.put(KIND, inversion.isGenerated() ? "inversion of a generated picture" : "inversion");
    report.put("caption", inversion.caption());
    Optional<ModelIdentity> model = inversion.model();
    report.put("model", model.map(ModelIdentity::toString).orElse("not said"));
    model.ifPresent(
        made -> {
          report.put("schedule", made.schedule());
          report.put(
              "fingerprint",
              ImmutableList.of(
                  "text encoder " + made.textEncoder(),
                  "autoencoder " + made.vae(),
                  "noise predictor " + made.unet()));
        });
    report.put("steps", inversion.steps());
    report.put("latent", inversion.inverted().shape().toString());
    inversion
        .picture()
        .ifPresent(
            fitted ->
                report.put("size", fitted.source().getWidth() + "x" + fitted.source().getHeight()));
    inversion
        .nullText()
        .ifPresent(
            found -> {
              report.put("null_text_guidance_scale", found.guidanceScale());
              report.put("null_text_distance", found.distance());
            });
    report.put("noise_mean", noise.mean());
    report.put("noise_deviation", noise.deviation());
    report.put("noise_correlation", noise.autocorrelation());
    return report;
  }

  private static Map<String, Object> direction(Path path) throws IOException {
    Map<String, Object> report = new LinkedHashMap<>();
    EditDirection direction = EditDirection.read(path, Backends.best());
    Tensor embedding = direction.embedding();
    report.put("path", path.toString());
    report.put(KIND, "edit direction");
    report.put("family", Checkpoint.Family.ofWidth(embedding.dim(2)).title());
    report.put("tokens", embedding.dim(1));
    report.put("text_width", embedding.dim(2));
    report.put("length", embedding.square().sum().sqrt().item());
    report.putAll(direction.provenance());
    return report;
  }

  private static Map<String, Object> picture(Path path) throws IOException {
    Map<String, Object> report = new LinkedHashMap<>();
    BufferedImage picture = PictureFiles.read(path);
    report.put("path", path.toString());
    report.put(KIND, "picture");
    report.put("size", picture.getWidth() + "x" + picture.getHeight());
    String parameters = PngTexts.read(path).get(PngTexts.PARAMETERS);
    if (parameters != null) {
      report.put(PngTexts.PARAMETERS, parameters);
    }
    return report;
  }
}
