package io.github.pix2pixzero.guidance;

/** Which gradient moves the edited latent. They differ under classifier-free guidance only. */
public enum GradientMode {
  /**
   * As in the published code: the loss is taken over both halves of the guidance batch, each half
   * is moved by its own gradient, and only the latent of the unconditional half is carried on. The
   * edit itself, which shows in the other half, never moves the latent that goes on.
   */
  REFERENCE,
  /** The gradient of the same loss with respect to the one latent that both halves share. */
  FULL
}
