package io.github.pix2pixzero.hub;

import java.io.IOException;

/** The hub has said no, or what it sends is not what it promised. The message is for people. */
public class HubException extends IOException {
  private static final long serialVersionUID = 1L;

  public HubException(String message) {
    super(message);
  }

  public HubException(String message, Throwable cause) {
    super(message, cause);
  }
}
