package io.github.pix2pixzero.tensor.optim;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Layout;

/**
 * A tensor that is trained.
 *
 * @param name its dotted name, by which it is saved
 * @param layout how it lies in a file
 * @param tensor a variable that lives outside of all scopes, whose elements change in place
 */
public record Parameter(String name, Layout layout, Tensor tensor) {}
