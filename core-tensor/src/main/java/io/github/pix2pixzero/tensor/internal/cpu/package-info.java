/**
 * The backend in plain Java loops, and what all backends on the CPU share: recycled arrays and
 * threads.
 */
package io.github.pix2pixzero.tensor.internal.cpu;
