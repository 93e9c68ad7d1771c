package io.github.pix2pixzero.inversion;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;

/**
 * The latents a picture went through on its way to noise. Held against these, an edit can stay
 * where the picture was; a reconstruction from the noise alone drifts away from it (Ju et al.,
 * "Direct Inversion", ICLR 2024).
 *
 * @param latents from the picture to the noise, one more than steps were taken, [1, channels,
 *     height, width] each
 */
public record Trajectory(ImmutableList<Tensor> latents) {
  public Trajectory {
    checkArgument(latents.size() > 1, "a trajectory has at least 2 latents, not %s", latents.size());
    for (Tensor latent : latents) {
      checkArgument(
          latent.shape().equals(latents.get(0).shape()),
          "the latents of a trajectory are of one shape, not %s and %s",
          latents.get(0).shape(),
          latent.shape());
    }
  }

  public int steps() {
    return latents.size() - 1;
  }

  /** The latent after a number of steps towards the noise: 0 is the picture. */
  public Tensor after(int steps) {
    return latents.get(steps);
  }

  /** Where the trajectory ends. */
  public Tensor noise() {
    return latents.get(steps());
  }
}
