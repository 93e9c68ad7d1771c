package io.github.pix2pixzero.unet;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * What every block of one forward pass is told.
 *
 * @param time SiLU of the timestep embedding, [1, timeWidth]
 * @param context text embeddings
 * @param control asked at every attention site
 */
record Conditions(Tensor time, TextContext context, AttentionControl control) {}
