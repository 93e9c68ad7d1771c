/**
 * Edits pictures with a pre-trained diffusion model, in Java alone. This is the package a user
 * imports; everything below it can also be used by itself.
 */
package io.github.pix2pixzero;
