package io.github.pix2pixzero.tensor.io;

import java.io.IOException;

/** A safetensors file is malformed, or does not hold what was asked of it. */
public class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * @param file the file, as it should be shown to the user
   * @param reason what is wrong with it
   */
  public SafetensorsException(String file, String reason) {
    this(file, reason, null);
  }

  /**
   * @param file the file, as it should be shown to the user
   * @param reason what is wrong with it
   * @param cause the failure underneath, or null
   */
  public SafetensorsException(String file, String reason, Throwable cause) {
    super(file + ": " + reason, cause);
  }
}
