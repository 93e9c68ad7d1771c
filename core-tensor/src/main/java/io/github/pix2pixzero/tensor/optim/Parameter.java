package io.github.pix2pixzero.tensor.optim;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * A tensor that is trained.
 *
 * @param name its dotted name, by which it is saved
 * @param tensor a variable that lives outside of all scopes, whose elements change in place
 */
public record Parameter(String name, Tensor tensor) {}
