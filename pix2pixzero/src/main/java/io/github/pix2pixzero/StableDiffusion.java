package io.github.pix2pixzero;

import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.vae.AutoencoderKL;
import java.io.FileNotFoundException;
import java.io.IOException;

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

  private static final String[] PARTS = {
    "unet/config.json",
    "vae/config.json",
    "text_encoder/config.json",
    "tokenizer/vocab.json",
    "scheduler/scheduler_config.json"
  };

  /**
   * Loads a checkpoint in the folder layout of diffusers.
   *
   * @throws FileNotFoundException naming the folder and the first part it lacks
   * @throws IOException if a part is malformed
   * @throws IllegalArgumentException if a part is of a kind that is not supported
   */
  static StableDiffusion load(ModelFolder folder, Backend backend) throws IOException {
    for (String part : PARTS) {
      if (!folder.exists(part)) {
        throw new FileNotFoundException(
            folder + " is not a diffusers checkpoint: it has no " + part);
      }
    }
    return new StableDiffusion(
        backend,
        TextEncoder.load(folder, backend),
        AutoencoderKL.load(folder.at("vae"), backend),
        UNet2DConditionModel.load(folder.at("unet"), backend),
        NoiseSchedule.from(folder.json("scheduler/scheduler_config.json")));
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
