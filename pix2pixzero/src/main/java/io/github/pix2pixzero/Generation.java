package io.github.pix2pixzero;

import io.github.pix2pixzero.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.Optional;

/**
 * A generated picture and how it came about.
 *
 * @param image the picture
 * @param noise what it started from, [1, channels, height, width]
 * @param latent what the noise led to, same shape
 * @param prompt what it was asked to show
 * @param options how
 * @param attention where the words of the prompt look; there if {@link
 *     GenerateOptions#attentionMaps} asks for it
 * @param time how long it took
 * @param peakMemory the most bytes of tensors that the model's backend has held since it was made
 */
public record Generation(
    BufferedImage image,
    Tensor noise,
    Tensor latent,
    String prompt,
    GenerateOptions options,
    Optional<AttentionMaps> attention,
    Duration time,
    long peakMemory) {

  /** What edits of this picture start from: the noise is known, nothing has to be inverted. */
  public Inversion inversion() {
    return new Inversion(latent, noise, prompt, options.steps(), Duration.ZERO, Optional.empty());
  }
}
