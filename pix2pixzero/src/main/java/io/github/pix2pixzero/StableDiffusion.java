package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.ProgressListener.Stage;
import io.github.pix2pixzero.checkpoint.Checkpoint;
import io.github.pix2pixzero.checkpoint.Inspection;
import io.github.pix2pixzero.checkpoint.LoadOptions;
import io.github.pix2pixzero.clip.ClipTextModel;
import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.unet.UNetConfig;
import io.github.pix2pixzero.vae.AutoencoderKL;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a latent diffusion checkpoint, on one backend.
 *
 * @param textEncoder tokenizer and text transformer
 * @param vae between pictures and latents
 * @param unet the noise predictor
 * @param schedule how much noise there is at each timestep
 */
record StableDiffusion(
    Backend backend,
    TextEncoder textEncoder,
    AutoencoderKL vae,
    UNet2DConditionModel unet,
    NoiseSchedule schedule) {

  private static final Logger LOG = LoggerFactory.getLogger(StableDiffusion.class);

  /** Loads a checkpoint in the folder layout of diffusers, with nothing special. */
  static StableDiffusion load(ModelFolder folder, Backend backend) throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(folder, LoadOptions.defaults())) {
      return load(checkpoint, backend, ProgressListener.NONE);
    }
  }

  /**
   * Loads a checkpoint.
   *
   * @throws IOException if a part is malformed
   * @throws IllegalArgumentException if weights are missing or have another shape, or the parts do
   *     not fit one another
   */
  static StableDiffusion load(Checkpoint checkpoint, Backend backend, ProgressListener progress)
      throws IOException {
    checkFit(checkpoint);
    NoiseSchedule schedule = NoiseSchedule.from(checkpoint.scheduler());
    Inspection inspection = Inspection.of(checkpoint);
    inspection.requireComplete();
    for (Inspection.Part part : inspection.parts()) {
      warn(part.files(), part.leftovers());
    }
    warn(checkpoint.name(), checkpoint.leftovers().asList());
    int total = inspection.tensors();
    AtomicInteger done = new AtomicInteger();
    progress.progressed(Stage.LOAD, 0, total);
    Consumer<StoredTensor> read =
        t -> progress.progressed(Stage.LOAD, done.incrementAndGet(), total);
    return new StableDiffusion(
        backend,
        new TextEncoder(
            checkpoint.tokenizer(),
            new ClipTextModel(
                Weights.of(backend, checkpoint.textEncoder(), read), checkpoint.textConfig())),
        new AutoencoderKL(Weights.of(backend, checkpoint.vae(), read), checkpoint.vaeConfig()),
        new UNet2DConditionModel(
            Weights.of(backend, checkpoint.unet(), read), checkpoint.unetConfig()),
        schedule);
  }

  private static void checkFit(Checkpoint checkpoint) {
    int latent = checkpoint.vaeConfig().latentChannels();
    UNetConfig unet = checkpoint.unetConfig();
    checkArgument(
        unet.inChannels() == latent && unet.outChannels() == latent,
        "%s: the noise predictor takes %s channels and makes %s; supported: as many as the latent"
            + " has, %s (models for inpainting, depth or instructions take more)",
        checkpoint.name(),
        unet.inChannels(),
        unet.outChannels(),
        latent);
    checkArgument(
        unet.contextWidth() == checkpoint.textConfig().hiddenSize(),
        "%s: the noise predictor attends to text embeddings of width %s, the text encoder makes %s",
        checkpoint.name(),
        unet.contextWidth(),
        checkpoint.textConfig().hiddenSize());
  }

  private static void warn(String files, List<String> leftovers) {
    if (!leftovers.isEmpty()) {
      LOG.warn(
          "{}: {} tensors are of no known use: {}",
          files,
          leftovers.size(),
          Inspection.some(leftovers, ","));
    }
  }

  /** The embedding of a prompt, [1, tokens, width]. */
  Tensor embed(String prompt) {
    return textEncoder.encode(List.of(prompt));
  }

  /** The picture that a latent stands for. */
  BufferedImage decode(Tensor latent) {
    backend.trim(); // the autoencoder's arrays have other sizes than the UNet's
    try (Scope scope = Scope.open()) {
      return PictureTensors.toPicture(vae.decode(latent.mul(1 / vae.config().scalingFactor())));
    } finally {
      backend.trim();
    }
  }

  /** Where the words of a caption look, along a trajectory. */
  AttentionMaps attention(Trajectory trajectory, String caption, ProgressListener progress) {
    int height = trajectory.noise().dim(2);
    int width = trajectory.noise().dim(3);
    TokenMaps maps = new TokenMaps(width, height);
    Steps steps = new Steps(progress, Stage.REPLAY, trajectory.steps(), this::decode);
    try (Scope scope = Scope.open()) {
      new DdimSampler(unet, schedule).replay(trajectory, embed(caption), maps, steps);
    }
    return words(maps, caption, width, height);
  }

  AttentionMaps words(TokenMaps maps, String prompt, int width, int height) {
    return AttentionMaps.of(textEncoder.tokenizer(), prompt, maps.means(), width, height);
  }

  /** Pixels a picture's height and width must be multiples of. */
  int pictureMultiple() {
    return vae.factor() * unet.config().multiple();
  }

  /** Pixels of height and width the model was trained with. */
  int pictureSize() {
    return vae.factor() * unet.config().sampleSize();
  }
}
