/**
 * Random numbers that a seed determines completely: PyTorch's CPU generator, for results that can
 * be compared with it, and a counter-based generator whose streams can be split.
 */
package io.github.pix2pixzero.tensor.random;
