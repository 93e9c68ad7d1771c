package io.github.pix2pixzero.stablediffusion;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.clip.ClipTextConfig;
import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.SpecialToken;
import io.github.pix2pixzero.clip.TokenizerConfig;
import io.github.pix2pixzero.inversion.PredictionType;
import io.github.pix2pixzero.inversion.TimestepSpacing;
import io.github.pix2pixzero.stablediffusion.Checkpoint.Layout;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.RenamedTensors;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.unet.UNetConfig;
import io.github.pix2pixzero.vae.VaeConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole checkpoint in one file under the names of CompVis' latent diffusion, as most community
 * models are published. It has no configs: what names and shapes do not tell is as in diffusers'
 * {@code convert_from_ckpt}, where the options do not say otherwise.
 */
final class CompVisFile {
  private static final Logger LOG = LoggerFactory.getLogger(CompVisFile.class);

  /** Steps the published SD 2.0 base had been trained for; the one without velocities. */
  private static final long SD2_BASE_STEPS = 875_000;

  private static final String GLOBAL_STEP = "global_step";

  /** By its name alone, a tensor that marks models of zero terminal SNR. */
  private static final String ZERO_SNR = "ztsnr";

  private static final int SD2_LAYERS = 23;
  private static final int BASE_SIZE = 64;
  private static final int VELOCITY_SIZE = 96;

  /** Names that belong to training or to parts that no picture passes through. */
  private static final Pattern OF_NO_USE =
      Pattern.compile(
          "model_ema\\..*|betas|lvlb_weights|posterior_.*|logvar|global_step|scale_factor"
              + "|(?:sqrt_|log_)?(?:one_minus_|recip_|recipm1_)?alphas_cumprod(?:_prev)?"
              + "|v_pred|ztsnr|first_stage_model\\.loss\\..*|.*\\.position_ids"
              + "|cond_stage_model\\.logit_scale"
              + "|cond_stage_model\\.model\\.(?:text_projection|logit_scale|attn_mask|visual\\..*)"
              + "|cond_stage_model\\.transformer\\.text_projection\\.weight");

  /** What marks models of another kind, and their name. */
  private static final ImmutableMap<String, String> OTHER_KINDS =
      ImmutableMap.<String, String>builder()
          .put("conditioner.embedders.", "Stable Diffusion XL")
          .put(CompVisUNetNames.PREFIX + "label_emb.", "an unCLIP or XL model")
          .put(CompVisUNetNames.PREFIX + "joint_blocks.", "Stable Diffusion 3")
          .put(CompVisUNetNames.PREFIX + "double_blocks.", "Flux")
          .put("double_blocks.", "Flux")
          .put("control_model.", "a ControlNet")
          .put("lora_", "a LoRA, which changes another checkpoint (--lora)")
          .put("unet.", "a LoRA, which changes another checkpoint (--lora)")
          .put("emb_params", "a learned word of textual inversion")
          .buildOrThrow();

  private final TensorSource source;
  private final ImmutableMap<String, String> metadata;
  private final LoadOptions options;
  private final Map<String, StoredTensor> unet = new TreeMap<>();
  private final Map<String, StoredTensor> vae = new TreeMap<>();
  private final Map<String, StoredTensor> text = new TreeMap<>();
  private final TreeSet<String> leftovers = new TreeSet<>();

  private CompVisFile(TensorSource source, WeightsFile file, LoadOptions options) {
    this.source = source;
    this.metadata = file.metadata();
    this.options = options;
  }

  static Checkpoint open(Path path, LoadOptions options) throws IOException {
    WeightsFile file = WeightsFile.open(path);
    try {
      TensorSource source = CompVisEma.inPlaceOfWeights(file.tensors());
      return new CompVisFile(source, file, options).checkpoint();
    } catch (IOException | RuntimeException e) {
      file.tensors().close();
      throw e;
    }
  }

  private Checkpoint checkpoint() throws IOException {
    checkKind();
    rename();
    TensorSource unetWeights = new RenamedTensors(source, unet);
    TensorSource textWeights = new RenamedTensors(source, text);
    boolean openClip = source.contains(CompVisTextNames.OPEN_CLIP + "token_embedding.weight");
    PredictionType prediction = predictionType(openClip);

    ModelFolder configs = options.config().map(ModelFolder::of).orElse(null);
    UNetConfig unetConfig =
        has(configs, DiffusersFolder.UNET + DiffusersFolder.CONFIG)
            ? Configs.unet(configs.json(DiffusersFolder.UNET + DiffusersFolder.CONFIG))
            : InferredConfigs.unet(unetWeights, sampleSize(openClip, prediction));
    ClipTextConfig textConfig =
        has(configs, DiffusersFolder.TEXT_ENCODER + DiffusersFolder.CONFIG)
            ? Configs.text(configs.json(DiffusersFolder.TEXT_ENCODER + DiffusersFolder.CONFIG))
            : InferredConfigs.text(textWeights, openClip);
    JsonConfig scheduler =
        options.apply(
            has(configs, DiffusersFolder.SCHEDULER_CONFIG)
                ? configs.json(DiffusersFolder.SCHEDULER_CONFIG)
                : scheduler(source.displayName(), prediction, source.contains(ZERO_SNR)));
    if (source.contains(ZERO_SNR) && !scheduler.getBoolean("rescale_betas_zero_snr", false)) {
      LOG.warn(
          "{} is marked {}: its last timestep leaves nothing but noise; {} says otherwise and counts",
          source.displayName(),
          ZERO_SNR,
          scheduler.file());
    }
    ClipTokenizer tokenizer =
        configs != null && ClipTokenizer.isIn(configs.at(DiffusersFolder.TOKENIZER))
            ? ClipTokenizer.load(configs.at(DiffusersFolder.TOKENIZER))
            : ClipTokenizer.published(tokenizerConfig(openClip));
    VaeWeights autoencoder = vae(configs);
    return new Checkpoint(
        source.displayName(),
        Layout.SINGLE_FILE,
        unetConfig,
        autoencoder.config(),
        textConfig,
        scheduler,
        tokenizer,
        unetWeights,
        autoencoder.weights(),
        textWeights,
        ImmutableSet.copyOf(leftovers),
        ImmutableList.of(),
        ImmutableList.of());
  }

  private VaeWeights vae(ModelFolder configs) throws IOException {
    if (options.vae().isPresent()) {
      return VaeWeights.open(options.vae().get(), options);
    }
    TensorSource weights = new RenamedTensors(source, vae);
    VaeConfig config =
        has(configs, DiffusersFolder.VAE + DiffusersFolder.CONFIG)
            ? Configs.vae(configs.json(DiffusersFolder.VAE + DiffusersFolder.CONFIG))
            : InferredConfigs.vae(weights);
    return new VaeWeights(config, weights);
  }

  private static boolean has(ModelFolder configs, String name) {
    return configs != null && configs.exists(name);
  }

  // ------------------------------------------------------------------ names

  /** Refuses what is not a whole checkpoint of Stable Diffusion 1.x or 2.x. */
  private void checkKind() throws IOException {
    for (Map.Entry<String, String> kind : OTHER_KINDS.entrySet()) {
      if (source.names().stream().anyMatch(name -> name.startsWith(kind.getKey()))) {
        throw new IOException(
            "%s is %s; supported: Stable Diffusion 1.x and 2.x"
                .formatted(source.displayName(), kind.getValue()));
      }
    }
    for (String part :
        ImmutableList.of(CompVisUNetNames.PREFIX, CompVisVaeNames.PREFIX, "cond_stage_model.")) {
      boolean elsewhere = part.equals(CompVisVaeNames.PREFIX) && options.vae().isPresent();
      if (!elsewhere && source.names().stream().noneMatch(name -> name.startsWith(part))) {
        throw new IOException(
            "%s is not a whole checkpoint of Stable Diffusion: it has no %s*"
                    .formatted(source.displayName(), part)
                + (part.equals(CompVisVaeNames.PREFIX)
                    ? "; an autoencoder of its own can be given (--vae)"
                    : ""));
      }
    }
  }

  private void rename() throws IOException {
    CompVisUNetNames unetNames = new CompVisUNetNames(within(CompVisUNetNames.PREFIX));
    CompVisVaeNames vaeNames = new CompVisVaeNames(within(CompVisVaeNames.PREFIX));
    for (String name : source.names()) {
      if (OF_NO_USE.matcher(name).matches()) {
        continue;
      }
      StoredTensor tensor = source.tensor(name);
      boolean known =
          name.startsWith(CompVisUNetNames.PREFIX)
              ? put(unet, unetNames.toDiffusers(after(CompVisUNetNames.PREFIX, name)), tensor)
              : name.startsWith(CompVisVaeNames.PREFIX)
                  ? put(vae, vaeNames.toDiffusers(after(CompVisVaeNames.PREFIX, name)), tensor)
                  : putText(name, tensor);
      if (!known) {
        leftovers.add(name);
      }
    }
  }

  private boolean putText(String name, StoredTensor tensor) {
    if (name.startsWith(CompVisTextNames.CLIP)) {
      return put(text, CompVisTextNames.ofClip(after(CompVisTextNames.CLIP, name)), tensor);
    }
    if (name.startsWith(CompVisTextNames.OPEN_CLIP)) {
      Map<String, StoredTensor> parts =
          CompVisTextNames.ofOpenClip(after(CompVisTextNames.OPEN_CLIP, name), tensor);
      text.putAll(parts);
      return !parts.isEmpty();
    }
    return false;
  }

  private static boolean put(Map<String, StoredTensor> to, String name, StoredTensor tensor) {
    if (name != null) {
      to.put(name, tensor);
    }
    return name != null;
  }

  private ImmutableList<String> within(String prefix) {
    return source.names().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> after(prefix, name))
        .collect(ImmutableList.toImmutableList());
  }

  private static String after(String prefix, String name) {
    return name.substring(prefix.length());
  }

  /**
   * Layers of OpenCLIP that SD 2.x runs: all but the last, which some files have left out already.
   */
  static int openClipLayers(int found) {
    return found == SD2_LAYERS ? found : found - 1;
  }

  // ------------------------------------------------------------------ what the file tells

  private PredictionType predictionType(boolean openClip) throws IOException {
    if (options.predictionType().isPresent()) {
      return options.predictionType().get();
    }
    String said = metadata.getOrDefault("modelspec.prediction_type", "");
    if (said.startsWith("v") || source.contains("v_pred")) {
      return PredictionType.V_PREDICTION;
    }
    if (!openClip || said.startsWith("eps")) {
      return PredictionType.EPSILON;
    }
    OptionalLong steps = globalStep();
    if (steps.isPresent()) {
      return steps.getAsLong() == SD2_BASE_STEPS
          ? PredictionType.EPSILON
          : PredictionType.V_PREDICTION;
    }
    LOG.warn(
        "{} does not say what it predicts; taken for v_prediction, as most Stable Diffusion 2.x"
            + " does. If pictures come out as noise, say epsilon",
        source.displayName());
    return PredictionType.V_PREDICTION;
  }

  /** How long the model was trained: a tensor, or a number beside the tensors of a pickle. */
  private OptionalLong globalStep() throws IOException {
    if (source.contains(GLOBAL_STEP) && source.tensor(GLOBAL_STEP).type().isInteger()) {
      return OptionalLong.of(source.tensor(GLOBAL_STEP).longs()[0]);
    }
    String number = metadata.getOrDefault(GLOBAL_STEP, "");
    return number.matches("\\d{1,18}")
        ? OptionalLong.of(Long.parseLong(number))
        : OptionalLong.empty();
  }

  private static int sampleSize(boolean openClip, PredictionType prediction) {
    return openClip && prediction == PredictionType.V_PREDICTION ? VELOCITY_SIZE : BASE_SIZE;
  }

  static JsonConfig scheduler(String name, PredictionType prediction, boolean zeroTerminalSnr) {
    return JsonConfig.of(
        ImmutableMap.<String, Object>builder()
            .put("_class_name", "DDIMScheduler")
            .put("num_train_timesteps", 1000)
            .put("beta_schedule", "scaled_linear")
            .put("beta_start", 0.00085)
            .put("beta_end", 0.012)
            .put("steps_offset", 1)
            .put("clip_sample", false)
            .put("set_alpha_to_one", false)
            .put("prediction_type", prediction.configName())
            .put("rescale_betas_zero_snr", zeroTerminalSnr)
            .put(
                "timestep_spacing",
                (zeroTerminalSnr ? TimestepSpacing.TRAILING : TimestepSpacing.LEADING).configName())
            .buildOrThrow(),
        name);
  }

  /** The families differ in how they fill a prompt up. */
  private static TokenizerConfig tokenizerConfig(boolean openClip) {
    TokenizerConfig clip = TokenizerConfig.defaults();
    return openClip ? clip.withPad(SpecialToken.of("!")) : clip;
  }
}
