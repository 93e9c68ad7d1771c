/** From a picture to a sentence about it. */
package io.github.pix2pixzero.caption;
