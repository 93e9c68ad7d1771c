/** The networks of Stable Diffusion at their published size, beside PyTorch. */
package io.github.pix2pixzero.benchmarks.fullsize;
