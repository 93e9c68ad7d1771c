package io.github.pix2pixzero.server.internal.http;

/** How much a request may hold. */
public final class Limits {
  /** Bytes of a picture that is sent. */
  public static final int UPLOAD_BYTES = 20 << 20;

  /** Pixels of a picture that is sent, told by its header before any is decoded. */
  public static final long UPLOAD_PIXELS = 16_000_000;

  /** Bytes of a body: a picture and a mask in base64. */
  public static final int BODY_BYTES = 2 * (UPLOAD_BYTES / 3 * 4) + (1 << 16);

  /** Bytes of all bodies that are read or being answered. */
  static final long ALL_BYTES = 256L << 20;

  /** Pictures decoded at once: a few bytes may promise {@link #UPLOAD_PIXELS}. */
  static final int DECODED_AT_ONCE = 4;

  /** Parts of a form. */
  static final int PARTS = 64;

  /** Characters of a text. */
  static final int TEXT = 2000;

  private Limits() {}
}
