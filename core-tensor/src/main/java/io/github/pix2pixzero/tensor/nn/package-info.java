/** Layers with constant weights, and the weights they bind by name. */
package io.github.pix2pixzero.tensor.nn;
