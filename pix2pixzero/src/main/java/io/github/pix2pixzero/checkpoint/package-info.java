/** Checkpoints of Stable Diffusion in the layouts they are published in. */
package io.github.pix2pixzero.checkpoint;
