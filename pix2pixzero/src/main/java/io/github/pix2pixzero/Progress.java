package io.github.pix2pixzero;

/**
 * How far work is.
 *
 * @param stage what is being done
 * @param done steps of the stage that are finished; 0 when it begins
 * @param steps of the stage
 * @param fraction of the whole work that is finished, from 0 to 1, by how long its parts take; it
 *     never goes back
 * @param item which picture of several it is about, from 0
 * @param items how many pictures there are
 */
public record Progress(Stage stage, int done, int steps, double fraction, int item, int items) {

  /** What takes long. */
  public enum Stage {
    /** From the hub to its cache; a step is a mebibyte. */
    DOWNLOAD,
    /** From files to a model; a step is a tensor. */
    LOAD,
    /** From sentences to a direction. */
    DIRECTION,
    /** From the picture to its latent. */
    ENCODE,
    /** From the latent to noise. */
    INVERT,
    /** Where the edit changes the picture; a step is a latent that is looked at. */
    MASK,
    /** Embeddings with which guidance leads back to the picture, by null-text inversion. */
    NULL_TEXT,
    /** From noise to the edited picture. */
    EDIT,
    /** From noise to a new picture. */
    GENERATE,
    /** From inverted noise to the picture again, to see its attention. */
    REPLAY,
    /** From the latent to the picture. */
    DECODE
  }
}
