/**
 * The tensor core: tensors and their shapes, automatic differentiation, and the scopes that bound
 * their memory. Operations live in {@code ops}, the kernels beneath them in {@code backend}.
 */
package io.github.pix2pixzero.tensor;
