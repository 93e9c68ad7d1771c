package io.github.pix2pixzero.tensor.backend;

/** Elementwise functions of one argument that every backend computes, with their derivatives. */
public enum Unary {
  /** x · σ(x). */
  SILU,
  /** x · Φ(x), by the error function. */
  GELU,
  /** x · σ(1.702 x), the approximation CLIP was trained with. */
  QUICK_GELU,
  /** 0.5 x · (1 + tanh(√(2/π) · (x + 0.044715 x³))), the approximation of GELU by tanh. */
  GELU_TANH,
  /** 1 / (1 + e⁻ˣ). */
  SIGMOID,
  /** Hyperbolic tangent. */
  TANH,
  /** log(1 + eˣ). */
  SOFTPLUS,
  /** Φ(x) = (1 + erf(x / √2)) / 2, the distribution function of the standard normal. */
  NORMAL_CDF,
  /** eˣ. */
  EXP,
  /** Natural logarithm. */
  LOG,
  /** Square root. */
  SQRT,
  /** x². */
  SQUARE
}
