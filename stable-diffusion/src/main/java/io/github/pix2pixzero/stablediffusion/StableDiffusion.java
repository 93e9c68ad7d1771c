package io.github.pix2pixzero.stablediffusion;

import com.google.common.collect.ImmutableSortedMap;
import io.github.pix2pixzero.clip.ClipTextModel;
import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.vae.AutoencoderKL;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A latent diffusion model on one backend: its networks, and the ways between pictures, texts and
 * what the networks know of them.
 *
 * <p>One instance may be used by any number of threads at once.
 *
 * @param backend where the networks compute
 * @param textEncoder tokenizer and text transformer
 * @param vae between pictures and latents as the autoencoder has them, see {@link #encode}
 * @param unet the noise predictor
 * @param schedule how much noise there is at each timestep
 * @param identity what tells this model from others
 */
public record StableDiffusion(
    Backend backend,
    TextEncoder textEncoder,
    AutoencoderKL vae,
    UNet2DConditionModel unet,
    NoiseSchedule schedule,
    ModelIdentity identity) {

  private static final Logger LOG = LoggerFactory.getLogger(StableDiffusion.class);

  /** {@link #load(Path, Backend)} onto the best backend there is. */
  public static StableDiffusion load(Path checkpoint) throws IOException {
    return load(checkpoint, Backends.best());
  }

  /** {@link #load(Path, Backend, LoadOptions, LoadListener)} with nothing special. */
  public static StableDiffusion load(Path checkpoint, Backend backend) throws IOException {
    return load(checkpoint, backend, LoadOptions.defaults(), LoadListener.NONE);
  }

  /**
   * Loads a checkpoint of Stable Diffusion 1.x or 2.x: a folder in the layout of diffusers, a
   * folder of the Hugging Face cache, or a {@code .safetensors} file in the layout of CompVis.
   *
   * @param options what the files leave open, or should be overruled in
   * @throws IOException if there is no checkpoint, or one of its files is malformed
   * @throws IllegalArgumentException if a part is of a kind that is not supported, naming what is,
   *     or weights are missing, naming them
   */
  public static StableDiffusion load(
      Path checkpoint, Backend backend, LoadOptions options, LoadListener listener)
      throws IOException {
    try (Checkpoint opened = Checkpoint.open(checkpoint, options)) {
      return load(opened, backend, listener);
    }
  }

  /** Loads a checkpoint in the layout of diffusers, such as one in a jar, with nothing special. */
  public static StableDiffusion load(ModelFolder folder, Backend backend) throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(folder, LoadOptions.defaults())) {
      return load(checkpoint, backend, LoadListener.NONE);
    }
  }

  /**
   * Loads a checkpoint that is open, and leaves it open.
   *
   * @throws IOException if a part is malformed
   * @throws IllegalArgumentException if weights are missing, have another shape or are not finite
   *     numbers, or the parts do not fit one another
   */
  public static StableDiffusion load(Checkpoint checkpoint, Backend backend, LoadListener listener)
      throws IOException {
    checkpoint.checkFit();
    NoiseSchedule schedule = NoiseSchedule.from(checkpoint.scheduler());
    Inspection inspection = Inspection.of(checkpoint);
    inspection.requireComplete();
    for (Inspection.Part part : inspection.parts()) {
      warn(part.files(), part.leftovers());
    }
    warn(checkpoint.name(), checkpoint.leftovers().asList());
    int total = inspection.tensors();
    AtomicInteger done = new AtomicInteger();
    listener.loaded(0, total);
    Consumer<StoredTensor> read = tensor -> listener.loaded(done.incrementAndGet(), total);
    SketchedTensors text = new SketchedTensors(checkpoint.textEncoder());
    SketchedTensors autoencoder = new SketchedTensors(checkpoint.vae());
    SketchedTensors predictor = new SketchedTensors(checkpoint.unet());
    TextEncoder textEncoder =
        new TextEncoder(
                checkpoint.tokenizer(),
                new ClipTextModel(Weights.of(backend, text, read), checkpoint.textConfig()))
            .with(checkpoint.words())
            .noting(ModelIdentity.notes(checkpoint.loras()));
    AutoencoderKL vae =
        new AutoencoderKL(Weights.of(backend, autoencoder, read), checkpoint.vaeConfig());
    UNet2DConditionModel unet =
        new UNet2DConditionModel(Weights.of(backend, predictor, read), checkpoint.unetConfig());
    ModelIdentity identity =
        new ModelIdentity(
            checkpoint.title(),
            text.sketch().toString(),
            autoencoder.sketch().toString(),
            predictor.sketch().toString(),
            schedule.toString(),
            checkpoint.loras(),
            ImmutableSortedMap.of());
    return new StableDiffusion(backend, textEncoder, vae, unet, schedule, identity);
  }

  /** The same model under another name, by which people know it. */
  public StableDiffusion named(String name) {
    return new StableDiffusion(backend, textEncoder, vae, unet, schedule, identity.named(name));
  }

  /** The same model, which reads weights in prompts as {@link TextEncoder#readingWeights} does. */
  public StableDiffusion readingWeights() {
    return new StableDiffusion(
        backend, textEncoder.readingWeights(), vae, unet, schedule, identity);
  }

  /** What tells this model from others, and how it reads some texts. */
  public ModelIdentity identity(List<String> texts) {
    return identity.reading(textEncoder.readingOf(texts));
  }

  private static void warn(String files, List<String> leftovers) {
    if (!leftovers.isEmpty()) {
      LOG.warn(
          "{}: {} tensors are of no known use: {}",
          files,
          leftovers.size(),
          Inspection.some(leftovers, ", "));
    }
  }

  /** Between texts and the tokens of the text encoder. */
  public ClipTokenizer tokenizer() {
    return textEncoder.tokenizer();
  }

  /**
   * The embedding of a prompt, [1, tokens, width].
   *
   * @throws ArithmeticException if the text encoder makes numbers that are not finite
   */
  public TextEmbedding embed(String prompt) {
    TextEmbedding embedding = textEncoder.embed(prompt);
    FiniteNumbers.require(embedding.states(), "the text encoder");
    return embedding;
  }

  /**
   * The latents of pictures, scaled to what the noise predictor was trained on; of the
   * autoencoder's distribution the mode.
   *
   * @param pictures red, green and blue from -1 to 1, [n, 3, height, width], where height and width
   *     are multiples of {@link #pictureMultiple}
   * @return [n, channels, height / factor, width / factor]
   * @throws ArithmeticException if the autoencoder makes numbers that are not finite
   */
  public Tensor encode(Tensor pictures) {
    Tensor latents = vae.encode(pictures).mode().mul(vae.config().scalingFactor());
    backend.trim(); // the autoencoder's arrays have other sizes than the UNet's
    FiniteNumbers.require(latents, "the encoder of the autoencoder");
    return latents;
  }

  /**
   * The pictures that latents stand for, the other way round.
   *
   * @param latents scaled as {@link #encode} gives them, [n, channels, height, width]
   * @return [n, 3, height · factor, width · factor]; values may lie a little beyond -1 and 1
   * @throws ArithmeticException if the autoencoder makes numbers that are not finite
   */
  public Tensor decode(Tensor latents) {
    backend.trim();
    try (Scope scope = Scope.open()) {
      Tensor pictures = vae.decode(latents.mul(1 / vae.config().scalingFactor()));
      FiniteNumbers.require(pictures, "the decoder of the autoencoder");
      return scope.keep(pictures);
    } finally {
      backend.trim();
    }
  }

  /** Pixels a picture's height and width must be multiples of. */
  public int pictureMultiple() {
    return vae.factor() * unet.config().multiple();
  }

  /** Pixels of height and width the model was trained with. */
  public int pictureSize() {
    return vae.factor() * unet.config().sampleSize();
  }
}
