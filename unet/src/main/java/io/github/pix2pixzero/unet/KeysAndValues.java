package io.github.pix2pixzero.unet;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * What a site attends to.
 *
 * @param keys [batch, tokens, width]
 * @param values same shape
 */
public record KeysAndValues(Tensor keys, Tensor values) {}
