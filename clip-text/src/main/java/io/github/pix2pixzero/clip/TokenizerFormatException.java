package io.github.pix2pixzero.clip;

import java.io.IOException;

/** A file of a {@code tokenizer/} folder is missing, malformed, or contradicts another one. */
public class TokenizerFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * @param file the file, as it should be shown to the user
   * @param reason what is wrong with it and what was expected
   */
  public TokenizerFormatException(String file, String reason) {
    this(file, reason, null);
  }

  /**
   * @param file the file, as it should be shown to the user
   * @param reason what is wrong with it and what was expected
   * @param cause the failure underneath, or null
   */
  public TokenizerFormatException(String file, String reason, Throwable cause) {
    super(file + ": " + reason, cause);
  }
}
