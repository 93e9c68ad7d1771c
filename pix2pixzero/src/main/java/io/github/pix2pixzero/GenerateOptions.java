package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import io.github.pix2pixzero.inversion.Solver;

/**
 * How to generate a picture. Immutable; the defaults are those of Stable Diffusion's pipelines.
 *
 * @param negativePrompt what classifier-free guidance leads away from
 * @param solver what takes the steps; by default DDIM, others are of second order
 * @param steps of denoising
 * @param guidanceScale weight of classifier-free guidance; 1 turns it off, less leads towards the
 *     negative prompt
 * @param seed of the noise, which is PyTorch's for the same seed
 * @param width of the picture; 0 for that of the pictures the model was trained with
 * @param height of the picture; 0 as for the width
 * @param attentionMaps whether to record where the words look
 */
public record GenerateOptions(
    String negativePrompt,
    Solver solver,
    int steps,
    double guidanceScale,
    long seed,
    int width,
    int height,
    boolean attentionMaps) {

  public GenerateOptions {
    checkNotNull(negativePrompt, "negative prompt");
    checkNotNull(solver, "solver");
    checkArgument(
        steps >= 1 && steps <= 999, "the number of steps should be 1 to 999, it is %s", steps);
    checkArgument(
        guidanceScale >= 0 && Double.isFinite(guidanceScale),
        "the guidance scale should be 0 or more, it is %s",
        guidanceScale);
    checkArgument(
        width >= 0 && height >= 0, "a picture cannot be %s x %s pixels large", width, height);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Options that start from these. */
  public Builder toBuilder() {
    return new Builder()
        .negativePrompt(negativePrompt)
        .solver(solver)
        .steps(steps)
        .guidanceScale(guidanceScale)
        .seed(seed)
        .size(width, height)
        .attentionMaps(attentionMaps);
  }

  /** Collects options. */
  public static final class Builder {
    private String negativePrompt = "";
    private Solver solver = Solver.DDIM;
    private int steps = 50;
    private double guidanceScale = 7.5;
    private long seed;
    private int width;
    private int height;
    private boolean attentionMaps;

    private Builder() {}

    public Builder negativePrompt(String text) {
      negativePrompt = text;
      return this;
    }

    public Builder solver(Solver chosen) {
      solver = chosen;
      return this;
    }

    public Builder steps(int count) {
      steps = count;
      return this;
    }

    public Builder guidanceScale(double scale) {
      guidanceScale = scale;
      return this;
    }

    public Builder seed(long number) {
      seed = number;
      return this;
    }

    /** The picture's size in pixels, multiples of what the model divides by. */
    public Builder size(int pixelsWide, int pixelsHigh) {
      width = pixelsWide;
      height = pixelsHigh;
      return this;
    }

    public Builder attentionMaps(boolean wanted) {
      attentionMaps = wanted;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming the option that makes no sense
     */
    public GenerateOptions build() {
      return new GenerateOptions(
          negativePrompt, solver, steps, guidanceScale, seed, width, height, attentionMaps);
    }
  }
}
