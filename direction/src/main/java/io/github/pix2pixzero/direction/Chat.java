package io.github.pix2pixzero.direction;

import java.io.IOException;

/** A language model: a prompt in, its answer out. */
@FunctionalInterface
public interface Chat {
  /**
   * Asks, without regard to what was asked before.
   *
   * @throws IOException if there is no answer
   */
  String answer(String prompt) throws IOException, InterruptedException;
}
