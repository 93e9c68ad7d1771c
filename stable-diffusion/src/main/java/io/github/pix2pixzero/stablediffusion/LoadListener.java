package io.github.pix2pixzero.stablediffusion;

/** Told how far the loading of a model is. */
@FunctionalInterface
public interface LoadListener {
  /** Does nothing. */
  LoadListener NONE = (done, tensors) -> {};

  /**
   * @param done tensors that have been read so far; 0 before the first
   * @param tensors all there are to read
   */
  void loaded(int done, int tensors);
}
