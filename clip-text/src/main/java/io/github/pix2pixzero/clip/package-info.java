/**
 * Text to embedding: CLIP's byte-level BPE tokenizer and its text transformer, in the flavours of
 * Stable Diffusion 1.x and 2.x. Beside them CLIP as a whole, which compares pictures with texts.
 */
package io.github.pix2pixzero.clip;
