package io.github.pix2pixzero.stablediffusion;

import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.inversion.PredictionType;
import io.github.pix2pixzero.inversion.TimestepSpacing;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.nio.file.Path;
import java.util.Optional;

/** What a checkpoint's files leave open, or should be overruled in. Immutable. */
public final class LoadOptions {
  private final PredictionType predictionType;
  private final TimestepSpacing timestepSpacing;
  private final Path config;
  private final Path vae;
  private final String variant;
  private final ImmutableList<LoraChoice> loras;
  private final ImmutableList<EmbeddingChoice> embeddings;

  private LoadOptions(Builder builder) {
    predictionType = builder.predictionType;
    timestepSpacing = builder.timestepSpacing;
    config = builder.config;
    vae = builder.vae;
    variant = builder.variant;
    loras = builder.loras.build();
    embeddings = builder.embeddings.build();
  }

  /** Everything as the files say, or else as it usually is. */
  public static LoadOptions defaults() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** What the model predicts; where there is none, what the checkpoint says. */
  public Optional<PredictionType> predictionType() {
    return Optional.ofNullable(predictionType);
  }

  /** Which timesteps a run visits; where there is none, what the checkpoint says. */
  public Optional<TimestepSpacing> timestepSpacing() {
    return Optional.ofNullable(timestepSpacing);
  }

  /**
   * A folder in the layout of diffusers; what it holds of configs and tokenizer is taken instead of
   * what a single file lets be inferred.
   */
  public Optional<Path> config() {
    return Optional.ofNullable(config);
  }

  /**
   * An autoencoder to use in place of the checkpoint's: a folder of diffusers, or a file under the
   * names of CompVis or diffusers.
   */
  public Optional<Path> vae() {
    return Optional.ofNullable(vae);
  }

  /** Which of several copies of the weights to prefer, such as {@code fp16}. */
  public Optional<String> variant() {
    return Optional.ofNullable(variant);
  }

  /** LoRAs to merge into noise predictor and text encoder, in this order. */
  public ImmutableList<LoraChoice> loras() {
    return loras;
  }

  /** Learned words to know beside the tokenizer's. */
  public ImmutableList<EmbeddingChoice> embeddings() {
    return embeddings;
  }

  /** A scheduler's config with what these options overrule in it. */
  JsonConfig apply(JsonConfig scheduler) {
    JsonConfig changed = scheduler;
    if (predictionType != null) {
      changed = changed.with("prediction_type", predictionType.configName());
    }
    if (timestepSpacing != null) {
      changed = changed.with("timestep_spacing", timestepSpacing.configName());
    }
    return changed;
  }

  /** Collects options. */
  public static final class Builder {
    private PredictionType predictionType;
    private TimestepSpacing timestepSpacing;
    private Path config;
    private Path vae;
    private String variant;
    private final ImmutableList.Builder<LoraChoice> loras = ImmutableList.builder();
    private final ImmutableList.Builder<EmbeddingChoice> embeddings = ImmutableList.builder();

    private Builder() {}

    public Builder predictionType(PredictionType type) {
      predictionType = checkNotNull(type, "prediction type");
      return this;
    }

    public Builder timestepSpacing(TimestepSpacing spacing) {
      timestepSpacing = checkNotNull(spacing, "timestep spacing");
      return this;
    }

    public Builder config(Path folder) {
      config = checkNotNull(folder, "config");
      return this;
    }

    public Builder vae(Path path) {
      vae = checkNotNull(path, "vae");
      return this;
    }

    public Builder variant(String name) {
      variant = checkNotNull(name, "variant");
      return this;
    }

    public Builder lora(LoraChoice lora) {
      loras.add(lora);
      return this;
    }

    public Builder embedding(EmbeddingChoice embedding) {
      embeddings.add(embedding);
      return this;
    }

    public LoadOptions build() {
      return new LoadOptions(this);
    }
  }
}
