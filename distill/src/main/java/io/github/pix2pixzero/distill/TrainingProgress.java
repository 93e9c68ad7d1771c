package io.github.pix2pixzero.distill;

/**
 * What a step of training came to.
 *
 * @param step steps taken so far
 * @param steps of the whole training
 * @param loss the student's weighted sum
 * @param l1 absolute difference from the target, in [0, 2]
 * @param mask cross-entropy of the mask
 * @param features difference of the teacher's features; 0 where they take no part
 * @param gan the student's loss by the discriminator; 0 where it takes no part
 * @param discriminator the discriminator's own loss; 0 where it takes no part
 * @param skipped steps so far that were not taken since their numbers were not finite
 */
public record TrainingProgress(
    long step,
    long steps,
    double loss,
    double l1,
    double mask,
    double features,
    double gan,
    double discriminator,
    long skipped) {

  /** Hears of every step. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Called between two steps, on the thread that trains: to show, to {@linkplain Trainer#save
     * save}, to stop.
     *
     * @return whether to go on
     */
    boolean step(TrainingProgress progress);
  }
}
