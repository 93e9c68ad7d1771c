package io.github.pix2pixzero.tensor.backend;

/** Elementwise functions of one argument that every backend computes, with their derivatives. */
public enum Unary {
  /** x · σ(x). */
  SILU,
  /** x · Φ(x), by the error function. */
  GELU,
  /** x · σ(1.702 x), the approximation CLIP was trained with. */
  QUICK_GELU,
  /** eˣ. */
  EXP,
  /** Natural logarithm. */
  LOG,
  /** Square root. */
  SQRT,
  /** x². */
  SQUARE
}
