package io.github.pix2pixzero;

import io.github.pix2pixzero.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.time.Duration;

/**
 * An edited picture and how it came about.
 *
 * @param image the edit
 * @param inversion what it started from
 * @param edited latent of the edit, [1, channels, height, width]
 * @param reference latent of the reconstruction, same shape
 * @param seed of the random numbers
 * @param time how long the edit took, the inversion not counted
 */
public record Edit(
    BufferedImage image,
    Inversion inversion,
    Tensor edited,
    Tensor reference,
    long seed,
    Duration time) {}
