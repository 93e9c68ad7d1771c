package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.FinitePredictions;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where an edit changes a picture, and how much: where the model, asked along the picture's own
 * trajectory, predicts something else for the edited prompt than for the prompt.
 *
 * <p>The idea is DiffEdit's (Couairon et al., ICLR 2023, step 1), which asks at one noise level,
 * for ten draws of noise; here the trajectory of the inversion takes their place, at {@value
 * #SAMPLES} levels in the middle of it, fewer of few steps. How the map becomes a mask is this
 * project's: a place counts as changed if it stands out both from nothing, compared with the
 * strongest change, and from the typical change. So a change of a small thing is cut out, a change
 * of the surroundings leaves the thing in front of them alone, and a change of everything has no
 * outside. No word is treated unlike any other.
 *
 * @param inside [1, 1, height, width]: 1 where the edit changes the latent, 0 elsewhere
 * @param change how much it does, same shape, from 0 to 1 where the change is strongest
 */
public record EditMask(Tensor inside, Tensor change) {
  private static final int SAMPLES = 7;

  /** Of few steps, one in so many is looked at. */
  private static final int STEPS_A_SAMPLE = 3;

  private static final int PROMPTS = 2;

  /** The part of the trajectory that is looked at, as shares of its steps from the picture. */
  private static final double FROM = 0.16;

  private static final double TO = 0.68;

  private static final double OF_STRONGEST = 0.12;

  /** What is added is one thing in one place. */
  private static final double OF_STRONGEST_ADDED = 0.17;

  private static final double OF_TYPICAL = 0.5;

  /** The strongest hundredth does not count: it may be a single pixel. */
  private static final double STRONGEST = 0.99;

  /** Of the shorter side: how wide the map is blurred, as a standard deviation. */
  private static final double BLUR = 0.7 / 16;

  /** Of the shorter side: how far the vote reaches that removes specks and holes. */
  private static final double VOTE = 1.0 / 16;

  /**
   * The mask of an edit.
   *
   * @param prompts caption and edited
   * @param adds whether the edit adds words to the caption: then the mask reaches less far
   * @param listener told of every latent that was looked at
   * @throws ArithmeticException if a prediction is not of finite numbers
   */
  public static EditMask of(
      UNet2DConditionModel unet,
      NoiseSchedule schedule,
      Trajectory trajectory,
      Prompts prompts,
      boolean adds,
      StepListener<Tensor> listener) {
    Tensor noise = trajectory.noise();
    int height = noise.dim(2);
    int width = noise.dim(3);
    float[] map = new float[height * width];
    int steps = trajectory.steps();
    int[] timesteps = new DdimScheduler(schedule, steps).timesteps();
    int[] samples = samples(steps);
    listener.began(samples.length);
    try (Scope scope = Scope.open()) {
      TextContext context = prompts.context(List.of(PromptRow.CAPTION, PromptRow.EDITED));
      for (int i = 0; i < samples.length; i++) {
        try (Scope sample = Scope.open()) {
          Tensor latent = trajectory.after(samples[i] + 1);
          int timestep = timesteps[steps - 1 - samples[i]];
          Tensor both = RowPredictions.batch(latent, context);
          Tensor predicted = unet.forward(both, timestep, context, AttentionControl.NONE);
          FinitePredictions.require(predicted, timestep);
          addDifference(predicted.toFloats(), map);
          listener.stepped(i, samples.length, latent);
        }
      }
    }
    float[] change = change(map, height, width);
    return new EditMask(
        Tensor.of(noise.backend(), threshold(change, adds, height, width), 1, 1, height, width),
        Tensor.of(noise.backend(), change, 1, 1, height, width));
  }

  /** How many predictions for one row the search takes along a trajectory of so many steps. */
  public static int passes(int steps) {
    return PROMPTS * samples(steps).length;
  }

  /**
   * The steps that are looked at, counted from the picture, evenly between the bounds: {@value
   * #SAMPLES}, or of few steps a third.
   */
  static int[] samples(int steps) {
    int first = (int) Math.round(FROM * steps);
    int last = Math.max(first, (int) Math.ceil(TO * steps) - 1);
    int wanted = Math.min(SAMPLES, Math.round((float) steps / STEPS_A_SAMPLE));
    int count = Math.max(1, Math.min(wanted, last - first + 1));
    return IntStream.range(0, count)
        .map(i -> count == 1 ? first : first + Math.round(i * (last - first) / (count - 1f)))
        .toArray();
  }

  /**
   * How much guidance should count at each place if the edit adds something to the picture: less
   * where it changes more, nothing where it changes most. There the picture's own maps know nothing
   * of what comes, and would hold it down.
   *
   * @return [1, 1, height, width], from 0 to 1
   */
  public Tensor pull() {
    return change.sqrt().mul(-1f).add(1f).square();
  }

  /** Adds the mean absolute difference of two predictions, scaled so that the largest is 1. */
  private static void addDifference(float[] both, float[] map) {
    int half = both.length / 2;
    float[] difference = new float[map.length];
    float largest = 0;
    for (int i = 0; i < half; i++) {
      difference[i % map.length] += Math.abs(both[half + i] - both[i]);
    }
    for (float value : difference) {
      largest = Math.max(largest, value);
    }
    for (int i = 0; largest > 0 && i < map.length; i++) {
      map[i] += difference[i] / largest;
    }
  }

  /**
   * How much changes, smooth, as a share of the strongest change.
   *
   * @param map [height, width], not negative
   */
  static float[] change(float[] map, int height, int width) {
    checkArgument(map.length == height * width, "%s is not %s x %s", map.length, height, width);
    float[] change = blurred(map, height, width, BLUR * Math.min(height, width));
    float strongest = quantile(change, STRONGEST);
    for (int i = 0; strongest > 0 && i < change.length; i++) {
      change[i] = Math.min(1, change[i] / strongest);
    }
    return change;
  }

  private static float quantile(float[] values, double share) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }

  /**
   * A mask from a map of how much changes.
   *
   * @param change as {@link #change} gives it
   * @return 0 or 1 each
   */
  static float[] threshold(float[] change, boolean adds, int height, int width) {
    double ofStrongest = adds ? OF_STRONGEST_ADDED : OF_STRONGEST;
    double least = Math.max(ofStrongest, OF_TYPICAL * quantile(change, 0.5));
    float[] mask = new float[change.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = change[i] > least ? 1 : 0;
    }
    return vote(mask, height, width, (int) Math.round(VOTE * Math.min(height, width)));
  }

  /** Blurred by a Gaussian along both axes; what lies beyond an edge is as the edge. */
  private static float[] blurred(float[] map, int height, int width, double sigma) {
    int radius = (int) Math.ceil(3 * sigma);
    double[] weights = new double[2 * radius + 1];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.exp(-(i - radius) * (i - radius) / (2 * sigma * sigma));
      sum += weights[i];
    }
    float[] rows = new float[map.length];
    float[] result = new float[map.length];
    for (int i = 0; i < map.length; i++) {
      double value = 0;
      for (int j = 0; j < weights.length; j++) {
        int x = Math.max(0, Math.min(width - 1, i % width + j - radius));
        value += weights[j] * map[i - i % width + x];
      }
      rows[i] = (float) (value / sum);
    }
    for (int i = 0; i < map.length; i++) {
      double value = 0;
      for (int j = 0; j < weights.length; j++) {
        int y = Math.max(0, Math.min(height - 1, i / width + j - radius));
        value += weights[j] * rows[y * width + i % width];
      }
      result[i] = (float) (value / sum);
    }
    return result;
  }

  /** What most of the square around a pixel is. */
  private static float[] vote(float[] mask, int height, int width, int radius) {
    float[] result = new float[mask.length];
    for (int i = 0; i < mask.length; i++) {
      int for1 = 0;
      for (int dy = -radius; dy <= radius; dy++) {
        int y = Math.max(0, Math.min(height - 1, i / width + dy));
        for (int dx = -radius; dx <= radius; dx++) {
          int x = Math.max(0, Math.min(width - 1, i % width + dx));
          for1 += mask[y * width + x] > 0 ? 1 : 0;
        }
      }
      int all = (2 * radius + 1) * (2 * radius + 1);
      result[i] = 2 * for1 > all ? 1 : 0;
    }
    return result;
  }
}
