/**
 * Kernels on the vector instructions of the CPU. The only package that touches {@code
 * jdk.incubator.vector}.
 */
package io.github.pix2pixzero.tensor.internal.vector;
