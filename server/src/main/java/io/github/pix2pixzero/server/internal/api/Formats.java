package io.github.pix2pixzero.server.internal.api;

import com.google.common.collect.ImmutableMap;

/** The formats in which pictures are sent. */
final class Formats {
  /** Media types by name. */
  static final ImmutableMap<String, String> TYPES =
      ImmutableMap.of("png", "image/png", "jpeg", "image/jpeg");

  private Formats() {}
}
