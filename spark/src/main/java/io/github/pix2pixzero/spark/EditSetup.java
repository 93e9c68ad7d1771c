package io.github.pix2pixzero.spark;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import java.io.IOException;
import java.io.Serializable;

/**
 * A model and what it is to do. This is what executors are sent, not the model itself, which they
 * load where they are: from a path that all of them see, or from the hub.
 *
 * <p>An executor loads a model once for all setups that are equal, which a record's are if its
 * components are.
 */
public interface EditSetup extends Serializable {

  /**
   * Loads the model, on an executor.
   *
   * @param threads as many as a task has cores
   * @throws IOException if it cannot be read there
   */
  Pix2PixZero load(int threads) throws IOException;

  /** The edit. Its caption is that of pictures that have none themselves. */
  EditOptions options();
}
