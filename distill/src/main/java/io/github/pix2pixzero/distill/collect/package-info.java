/**
 * Pairs for a student, made by a diffusion edit: {@link
 * io.github.pix2pixzero.distill.collect.PairCollector} makes them of {@link
 * io.github.pix2pixzero.distill.collect.SourcePicture}s, {@link
 * io.github.pix2pixzero.distill.collect.PairFolder} reads what it has made.
 */
package io.github.pix2pixzero.distill.collect;
