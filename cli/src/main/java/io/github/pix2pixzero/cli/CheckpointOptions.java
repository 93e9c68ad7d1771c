package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.inversion.PredictionType;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What a checkpoint's files leave open; a mixin for every command that takes one. */
final class CheckpointOptions {
  @Option(
      names = "--prediction-type",
      order = 101,
      paramLabel = "epsilon|v_prediction",
      converter = PredictionTypes.class,
      description = "What the model predicts, where its files do not say or are wrong.")
  private PredictionType predictionType;

  @Option(
      names = "--config",
      order = 102,
      paramLabel = "DIR",
      description =
          "For a single file: a folder in the layout of diffusers whose configs and tokenizer to"
              + " take.")
  private Path config;

  @Option(
      names = "--variant",
      order = 103,
      paramLabel = "NAME",
      description = "Which copy of the weights to prefer, such as fp16. Default: the plain one.")
  private String variant;

  boolean isEmpty() {
    return predictionType == null && config == null && variant == null;
  }

  LoadOptions toLoadOptions() {
    LoadOptions.Builder options = LoadOptions.builder();
    if (predictionType != null) {
      options.predictionType(predictionType);
    }
    if (config != null) {
      options.config(config);
    }
    if (variant != null) {
      options.variant(variant);
    }
    return options.build();
  }

  /** Takes the names that configs use. */
  static final class PredictionTypes implements ITypeConverter<PredictionType> {
    @Override
    public PredictionType convert(String name) {
      return Arrays.stream(PredictionType.values())
          .filter(type -> type.configName().equals(name.replace('-', '_')))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "expected epsilon, v_prediction or sample, not " + name));
    }
  }
}
