package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all commands that run a diffusion model have in common. */
abstract class ModelCommand extends ComputeCommand {
  @Option(
      names = "--model",
      order = 100,
      paramLabel = "PATH|NAME",
      description =
          "Checkpoint: a folder in the layout of diffusers, a .safetensors or .ckpt file, or"
              + " ORG/NAME or ORG/NAME@REVISION on huggingface.co, which is downloaded once."
              + " Default: the bundled toy model.")
  String model;

  @Mixin private CheckpointOptions checkpoint;

  @Option(
      names = "--prompt-weights",
      order = 104,
      description =
          "Read (word), [word] and (word:1.3) in captions, prompts and sentences as weights of"
              + " words, as A1111's webui does.")
  private boolean promptWeights;

  ModelCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  final void checkModel() {
    require(
        model != null || checkpoint.isEmpty(),
        "--timestep-spacing, --vae, --lora, --embedding, --prediction-type, --config and --variant"
            + " go with --model");
  }

  @Override
  final FilesInUse filesRead() {
    return checkpoint.files(new FilesInUse().reads("--model", modelFile()));
  }

  final Pix2PixZero load(Backend backend) throws IOException {
    Pix2PixZero loaded =
        model == null
            ? Pix2PixZero.loadBundled(backend)
            : Pix2PixZero.load(model, backend, checkpoint.toLoadOptions(), progress);
    return promptWeights ? loaded.readingWeights() : loaded;
  }

  /** Where the model lies; null if it is the bundled one or one of the hub. */
  private Path modelFile() {
    return model == null || Files.notExists(Path.of(model)) ? null : Path.of(model);
  }

  final String modelName() {
    if (model == null) {
      return "toy-world";
    }
    Path path = Path.of(model);
    return Files.exists(path) ? String.valueOf(path.toAbsolutePath().getFileName()) : model;
  }
}
