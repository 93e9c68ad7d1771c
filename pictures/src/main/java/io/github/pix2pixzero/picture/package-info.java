/** Pictures: in files, at sizes a model can work at, and as tensors. */
package io.github.pix2pixzero.picture;
