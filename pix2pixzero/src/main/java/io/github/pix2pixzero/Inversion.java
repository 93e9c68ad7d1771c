package io.github.pix2pixzero;

import io.github.pix2pixzero.tensor.Tensor;
import java.time.Duration;

/**
 * A picture's way back to noise, from which any number of edits start.
 *
 * @param encoded the picture as the model sees it, [1, channels, height, width]
 * @param inverted the noise that leads to it, same shape
 * @param caption what the picture was said to show
 * @param steps number of steps taken
 * @param time how long it took
 */
public record Inversion(
    Tensor encoded, Tensor inverted, String caption, int steps, Duration time) {}
