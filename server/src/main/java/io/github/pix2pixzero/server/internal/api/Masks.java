package io.github.pix2pixzero.server.internal.api;

import io.github.pix2pixzero.picture.Transparency;
import io.github.pix2pixzero.server.internal.http.Fields;
import io.github.pix2pixzero.server.internal.http.Refusal;
import java.awt.Color;
import java.awt.image.BufferedImage;

/** Masks in which what is transparent may change, as masks in which that is white. */
final class Masks {
  private Masks() {}

  /**
   * A mask from a picture's transparency.
   *
   * @throws Refusal if nothing of it is transparent
   */
  static BufferedImage ofTransparency(byte[] bytes) {
    return Transparency.of(
            Fields.decode("mask", bytes, Color.WHITE), Fields.decode("mask", bytes, Color.BLACK))
        .orElseThrow(
            () -> Refusal.of("mask", "has no transparent pixels, which are those that may change"));
  }
}
