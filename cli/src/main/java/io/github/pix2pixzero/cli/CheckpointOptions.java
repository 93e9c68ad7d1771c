package io.github.pix2pixzero.cli;

import static java.util.stream.Collectors.joining;

import io.github.pix2pixzero.inversion.PredictionType;
import io.github.pix2pixzero.inversion.TimestepSpacing;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
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
      names = "--timestep-spacing",
      order = 101,
      paramLabel = "leading|trailing|linspace",
      converter = TimestepSpacings.class,
      description = "Which timesteps the steps visit. Default: what the checkpoint's scheduler says.")
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
      names = "--variant",
      order = 103,
      paramLabel = "NAME",
      description = "Which copy of the weights to prefer, such as fp16. Default: the plain one.")
  private String variant;

  boolean isEmpty() {
    return predictionType == null && timestepSpacing == null && config == null && variant == null;
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
    if (variant != null) {
      options.variant(variant);
    }
    return options.build();
  }

  /** Takes the names that configs use. */
  private abstract static class ConfigNames<E> implements ITypeConverter<E> {
    private final E[] values;
    private final Function<E, String> names;

    ConfigNames(E[] values, Function<E, String> names) {
      this.values = values;
      this.names = names;
    }

    @Override
    public E convert(String name) {
      return Arrays.stream(values)
          .filter(value -> names.apply(value).equals(name.replace('-', '_')))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "expected %s, not %s"
                          .formatted(
                              Arrays.stream(values).map(names).collect(joining(" or ")), name)));
    }
  }

  static final class PredictionTypes extends ConfigNames<PredictionType> {
    PredictionTypes() {
      super(PredictionType.values(), PredictionType::configName);
    }
  }

  static final class TimestepSpacings extends ConfigNames<TimestepSpacing> {
    TimestepSpacings() {
      super(TimestepSpacing.values(), TimestepSpacing::configName);
    }
  }
}
