/**
 * Stable Diffusion from its checkpoints: {@link
 * io.github.pix2pixzero.stablediffusion.StableDiffusion} is the model, {@link
 * io.github.pix2pixzero.stablediffusion.Checkpoint} its files in any layout.
 */
package io.github.pix2pixzero.stablediffusion;
