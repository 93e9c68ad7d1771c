/**
 * Operations on tensors, one a file: the forward computation, what it saves, the backward pass, and
 * the formula. Shapes are checked here; the numbers are computed by a backend.
 */
package io.github.pix2pixzero.tensor.ops;
