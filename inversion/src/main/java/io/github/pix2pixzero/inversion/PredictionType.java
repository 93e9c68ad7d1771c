package io.github.pix2pixzero.inversion;

import java.util.Locale;

/**
 * What a diffusion model was trained to predict, with the names of diffusers' scheduler configs.
 */
public enum PredictionType {
  /** The noise ε. */
  EPSILON,
  /** The velocity v = √ᾱ · ε - √(1-ᾱ) · x₀ (Salimans and Ho, 2022). */
  V_PREDICTION,
  /** The denoised sample x₀. */
  SAMPLE;

  /** The name in a config. */
  public String configName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
