/**
 * An edit as a feed-forward network: what takes a diffusion model many steps, learned from pairs of
 * pictures before and after.
 *
 * <p>A {@link io.github.pix2pixzero.distill.Student} is the network, of one of two forms; a {@link
 * io.github.pix2pixzero.distill.Trainer} trains it on a {@link
 * io.github.pix2pixzero.distill.PairSource}; {@link io.github.pix2pixzero.distill.StudentFiles}
 * keep it.
 */
package io.github.pix2pixzero.distill;
