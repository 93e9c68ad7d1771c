/**
 * The boundary between tensors and hardware: the kernels a device offers, what describes their
 * work, and the choice among the backends on the class path.
 */
package io.github.pix2pixzero.tensor.backend;
