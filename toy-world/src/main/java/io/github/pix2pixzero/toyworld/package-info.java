/**
 * A small latent diffusion model of a cartoon world, with example pictures of it: enough to try
 * every edit offline. Production users leave this artifact out.
 */
package io.github.pix2pixzero.toyworld;
