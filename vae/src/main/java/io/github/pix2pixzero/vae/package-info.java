/**
 * Pictures to latents and back: the autoencoder of latent diffusion ({@code AutoencoderKL} in
 * diffusers).
 */
package io.github.pix2pixzero.vae;
