package io.github.pix2pixzero.cuda;

/** A call of the CUDA driver or of its compiler failed; the message names the call and why. */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  CudaException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The {@code CUresult}. */
  public int status() {
    return status;
  }
}
