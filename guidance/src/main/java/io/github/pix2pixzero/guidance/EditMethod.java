package io.github.pix2pixzero.guidance;

import com.google.common.collect.ImmutableMap;
import java.util.OptionalDouble;

/**
 * How a picture becomes another. An implementation is a value with settings of its own; {@link
 * BesideTrajectory}, {@link Published}, {@link PromptToPrompt} and {@link SdEdit} are this
 * project's.
 */
public interface EditMethod {

  /** What the method is called, such as {@code prompt-to-prompt}. */
  String name();

  /** The settings by name, as a picture's parameters list them. */
  default ImmutableMap<String, Object> settings() {
    return ImmutableMap.of();
  }

  /** What leads to the edited picture unless that is chosen. */
  default Steering steering() {
    return Steering.CAPTION;
  }

  /**
   * What classifier-free guidance leads away from unless that is chosen.
   *
   * @param caption of the picture
   * @param generated whether the picture was generated, so that its noise is no inverted one
   */
  default String negativePrompt(String caption, boolean generated) {
    return "";
  }

  /** This method with settings that do not depend on where a picture comes from. */
  default EditMethod resolved(boolean generated) {
    return this;
  }

  /** Whether the method holds what lies outside a mask. */
  default boolean takesMask() {
    return false;
  }

  /**
   * Whether the method needs the picture's way to noise. One that does not is given a trajectory
   * that may be the picture alone.
   */
  default boolean inverts() {
    return true;
  }

  /**
   * The guidance scale for which the method asks for embeddings of null-text inversion; empty if it
   * does not.
   */
  default OptionalDouble nullTextScale() {
    return OptionalDouble.empty();
  }

  /**
   * Refuses what the method cannot do, before the long work.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  default void check(EditRequest request) {}

  /** Steps unless they or a {@link Quality} are chosen: as many as published methods take. */
  default int usualSteps() {
    return 50;
  }

  /** How long a step takes, as so many predictions for one row. */
  default double passesAStep() {
    return 1;
  }

  /**
   * Whether the method takes a gradient through the noise predictor, which keeps what a prediction
   * alone lets go.
   */
  default boolean differentiates() {
    return false;
  }

  /**
   * Denoises the edited picture.
   *
   * @return the latents of the picture as the method has it and of the edit, in the caller's scope
   */
  LatentPair edit(EditTask task);
}
