/**
 * An edit as a feed-forward network.
 *
 * <p>Here will live the collection of before-and-after pairs, the conditional GAN (Co-Mod-GAN) that
 * learns from them, its training, and the distilled editor that needs milliseconds where the
 * diffusion model needs many steps.
 */
package io.github.pix2pixzero.distill;
