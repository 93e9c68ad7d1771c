package io.github.pix2pixzero.guidance;

/** What leads from the picture as it is to the edited one. */
public enum Steering {
  /** An edit direction added to the caption's embedding, as published. */
  DIRECTION,
  /**
   * The caption of the edited picture: the one that was given, or the caption with the source word
   * replaced by the target word. Where there is neither, the direction.
   */
  CAPTION
}
