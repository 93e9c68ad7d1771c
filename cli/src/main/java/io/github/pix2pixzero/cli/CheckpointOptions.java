package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.inversion.PredictionType;
import io.github.pix2pixzero.inversion.TimestepSpacing;
import io.github.pix2pixzero.stablediffusion.EmbeddingChoice;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.stablediffusion.LoraChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** What a checkpoint's files leave open; a mixin for every command that takes one. */
final class CheckpointOptions {
  @Option(
      names = "--prediction-type",
      order = 101,
      paramLabel = "epsilon|v_prediction",
      description = "What the model predicts, where its files do not say or are wrong.")
  private PredictionType predictionType;

  @Option(
      names = "--timestep-spacing",
      order = 101,
      paramLabel = "leading|trailing|linspace",
      description =
          "Which timesteps the steps visit. Default: what the checkpoint's scheduler" + " says.")
  private TimestepSpacing timestepSpacing;

  @Option(
      names = "--config",
      order = 102,
      paramLabel = "DIR",
      description =
          "For a single file: a folder in the layout of diffusers whose configs and tokenizer to"
              + " take.")
  private Path config;

  @Option(
      names = "--vae",
      order = 102,
      paramLabel = "PATH",
      description =
          "Autoencoder to use in place of the checkpoint's: a folder of diffusers, a .safetensors"
              + " or a .pt file.")
  private Path vae;

  @Option(
      names = "--lora",
      order = 102,
      paramLabel = "FILE[:WEIGHT]",
      converter = Loras.class,
      description =
          "LoRA to merge into the checkpoint, with a weight other than 1; may be given several"
              + " times.")
  private List<LoraChoice> loras = new ArrayList<>();

  @Option(
      names = "--embedding",
      order = 102,
      paramLabel = "FILE[:TOKEN]",
      converter = Embeddings.class,
      description =
          "Learned word of textual inversion, used where texts name its token; may be given several"
              + " times. Default token: the name in the file, or else the file's.")
  private List<EmbeddingChoice> embeddings = new ArrayList<>();

  @Option(
      names = "--variant",
      order = 103,
      paramLabel = "NAME",
      description = "Which copy of the weights to prefer, such as fp16. Default: the plain one.")
  private String variant;

  boolean isEmpty() {
    return predictionType == null
        && timestepSpacing == null
        && config == null
        && vae == null
        && loras.isEmpty()
        && embeddings.isEmpty()
        && variant == null;
  }

  FilesInUse files(FilesInUse files) {
    files.reads("--config", config).reads("--vae", vae);
    files.reads("--lora", loras.stream().map(LoraChoice::file).toList());
    return files.reads("--embedding", embeddings.stream().map(EmbeddingChoice::file).toList());
  }

  LoadOptions toLoadOptions() {
    LoadOptions.Builder options = LoadOptions.builder();
    if (predictionType != null) {
      options.predictionType(predictionType);
    }
    if (timestepSpacing != null) {
      options.timestepSpacing(timestepSpacing);
    }
    if (config != null) {
      options.config(config);
    }
    if (vae != null) {
      options.vae(vae);
    }
    loras.forEach(options::lora);
    embeddings.forEach(options::embedding);
    if (variant != null) {
      options.variant(variant);
    }
    return options.build();
  }

  static final class Loras implements ITypeConverter<LoraChoice> {
    @Override
    public LoraChoice convert(String text) {
      return LoraChoice.of(text);
    }
  }

  static final class Embeddings implements ITypeConverter<EmbeddingChoice> {
    @Override
    public EmbeddingChoice convert(String text) {
      return EmbeddingChoice.of(text);
    }
  }
}
