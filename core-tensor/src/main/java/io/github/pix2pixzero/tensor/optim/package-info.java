/**
 * Training: parameters that change, the optimisers that change them, and what goes with it.
 *
 * <p>Parameters are changed in place by the backend that holds them; nothing is copied to the host.
 */
package io.github.pix2pixzero.tensor.optim;
