package io.github.pix2pixzero.hub;

/** The hub has no such model, or none that it shows to who asks. */
public final class ModelNotFoundException extends HubException {
  private static final long serialVersionUID = 1L;

  ModelNotFoundException(String message) {
    super(message);
  }
}
