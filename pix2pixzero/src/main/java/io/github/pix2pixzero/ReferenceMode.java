package io.github.pix2pixzero;

/** What an edit is held against. */
public enum ReferenceMode {
  /** A second pass that denoises the noise with the caption again, as in the published code. */
  RECONSTRUCTION,
  /** The latents that the picture itself went through while it was inverted. */
  TRAJECTORY
}
