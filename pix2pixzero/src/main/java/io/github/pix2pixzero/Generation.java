package io.github.pix2pixzero;

import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.stablediffusion.ModelIdentity;
import io.github.pix2pixzero.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.Optional;

/**
 * A generated picture and how it came about.
 *
 * @param image the picture
 * @param inversion what edits of this picture start from: the noise is known, nothing has to be
 *     inverted
 * @param options how
 * @param model what made it
 * @param attention where the words of the prompt look; there if {@link
 *     GenerateOptions#attentionMaps} asks for it
 * @param time how long it took
 * @param peakMemory the most bytes of tensors that the model's backend has held since it was made
 */
public record Generation(
    BufferedImage image,
    Inversion inversion,
    GenerateOptions options,
    ModelIdentity model,
    Optional<AttentionMaps> attention,
    Duration time,
    long peakMemory) {

  /** The latents from the picture back to the noise that it started from. */
  public Trajectory trajectory() {
    return inversion.trajectory();
  }

  /** What it was asked to show. */
  public String prompt() {
    return inversion.caption();
  }

  /** What the picture started from, [1, channels, height, width]. */
  public Tensor noise() {
    return trajectory().noise();
  }

  /** What the noise led to, same shape. */
  public Tensor latent() {
    return trajectory().after(0);
  }

  /** How the picture was made, as it can be kept in a PNG. */
  public PictureParameters parameters() {
    return new PictureParameters(prompt(), options.negativePrompt())
        .with("Steps", options.steps())
        .with("Sampler", options.solver().sampler())
        .with("CFG scale", options.guidanceScale())
        .with("Seed", options.seed())
        .with("Size", PictureParameters.size(image))
        .with(model);
  }
}
