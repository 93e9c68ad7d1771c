package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.distill.LossWeights;
import io.github.pix2pixzero.distill.StudentConfig;
import io.github.pix2pixzero.distill.TeacherFeatures;
import io.github.pix2pixzero.distill.TrainingAids;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.stablediffusion.LoadedAutoencoder;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a student learns from besides pairs. */
final class TrainingAidOptions {
  @Option(
      names = "--model",
      order = 8,
      paramLabel = "PATH",
      description =
          "Checkpoint of the diffusion model that made the pairs: results are compared by its"
              + " autoencoder's features too.")
  private Path model;

  @Option(
      names = "--feature-weight",
      order = 8,
      paramLabel = "X",
      description =
          "How much that counts; 0: not at all. Default with --model: 0.5 from 256 pixels on,"
              + " else 0.")
  private Double weight;

  @Option(
      names = "--start-from",
      order = 9,
      paramLabel = "PATH",
      description = "Begin with the weights of another student, of the same kind and size.")
  private Path start;

  void checkUsage(ComputingCommand command) {
    command.require(
        weight == null || model != null, "--feature-weight needs --model, whose features they are");
    command.require(
        weight == null || (weight >= 0 && Double.isFinite(weight)),
        "--feature-weight should be at least 0, it is " + weight);
  }

  FilesInUse files(FilesInUse files) {
    return files.reads("--model", model).reads("--start-from", start);
  }

  /** How much features count for a student. */
  double weight(StudentConfig config) {
    if (weight != null) {
      return weight;
    }
    return model != null && config.resolution() >= StudentConfig.LARGE
        ? LossWeights.USUAL_FEATURES
        : 0;
  }

  /** Reads what is needed for that. */
  TrainingAids load(StudentConfig config, Backend backend) throws IOException {
    Optional<TeacherFeatures> features =
        weight(config) == 0
            ? Optional.empty()
            : Optional.of(
                new TeacherFeatures(
                    LoadedAutoencoder.load(model, backend, LoadOptions.defaults())));
    return new TrainingAids(features, Optional.ofNullable(start));
  }
}
