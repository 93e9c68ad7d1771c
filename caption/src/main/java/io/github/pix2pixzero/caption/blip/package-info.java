/** BLIP (Li et al., 2022): the network that writes the captions in the paper's code. */
package io.github.pix2pixzero.caption.blip;
