/**
 * From a real picture's latent back to the noise it could have come from: the DDIM scheduler, its
 * inverse, the regularisation that keeps the inverted noise white, and the inverter that joins
 * them.
 */
package io.github.pix2pixzero.inversion;
