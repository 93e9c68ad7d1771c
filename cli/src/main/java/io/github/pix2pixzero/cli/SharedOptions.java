package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.guidance.Quality;
import io.github.pix2pixzero.guidance.Steering;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The method of an edit, and what all methods share. */
public final class SharedOptions {
  @Mixin private MethodOptions method;

  @Option(
      names = "--negative-prompt",
      order = 21,
      paramLabel = "TEXT",
      description = "What to lead away from. Default: nothing; published, the caption.")
  private String negativePrompt;

  @Option(
      names = "--quality",
      order = 22,
      paramLabel = "draft|standard|best",
      description =
          "How good, and so how long: 6, 12 or 24 steps. Default: standard; of other methods than"
              + " beside-trajectory, 50 steps.")
  private Quality quality;

  @Option(
      names = "--steps",
      order = 22,
      paramLabel = "N",
      description = "Steps of the inversion, and of the edit. Default: what the quality says.")
  private Integer steps;

  @Option(
      names = "--steering",
      order = 24,
      paramLabel = "caption|direction",
      description =
          "Whether the edit follows the target caption or the sentences' direction. Default:"
              + " caption, where there is one; published, direction.")
  private Steering steering;

  @Option(
      names = "--regularization",
      order = 26,
      paramLabel = "published|none",
      description = "What keeps the inverted noise white. Default: published.")
  private String regularization;

  @Option(
      names = "--seed",
      order = 26,
      paramLabel = "N",
      description = "Start of the random numbers. Default: 0.")
  private Long seed;

  /**
   * Adds what was given.
   *
   * @throws IllegalArgumentException if it makes no sense
   */
  public void applyTo(EditOptions.Builder options) {
    options.method(method.method());
    if (negativePrompt != null) {
      options.negativePrompt(negativePrompt);
    }
    if (quality != null) {
      options.quality(quality);
    }
    if (steps != null) {
      options.steps(steps);
    }
    if (steering != null) {
      options.steering(steering);
    }
    if (regularization != null) {
      options.regularization(regularization(regularization));
    }
    if (seed != null) {
      options.seed(seed);
    }
  }

  static NoiseRegularization regularization(String name) {
    return switch (name) {
      case "published" -> NoiseRegularization.PUBLISHED;
      case "none" -> NoiseRegularization.NONE;
      default ->
          throw new IllegalArgumentException(
              "the regularization should be published or none, it is " + name);
    };
  }
}
