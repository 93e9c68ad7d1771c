package io.github.pix2pixzero.inversion;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.random.Generator;
import io.github.pix2pixzero.unet.UNet2DConditionModel;

/**
 * Finds the noise from which a model would draw a given picture: DDIM run backwards, the predicted
 * noise kept Gaussian (Parmar et al., 2023, algorithm 1). Classifier-free guidance is off, as
 * published.
 */
public final class DdimInverter {
  private final UNet2DConditionModel unet;
  private final NoiseSchedule schedule;
  private final NoiseRegularization regularization;

  public DdimInverter(
      UNet2DConditionModel unet, NoiseSchedule schedule, NoiseRegularization regularization) {
    this.unet = unet;
    this.schedule = schedule;
    this.regularization = regularization;
  }

  /**
   * @param latent the encoded picture, scaled as the model expects, [batch, channels, height,
   *     width]
   * @param context embedding of the picture's caption, [batch, tokens, width]
   * @param generator drawn from for the roll amounts of the regularisation
   * @return the inverted latent, same shape, in the caller's scope
   */
  public Tensor invert(
      Tensor latent, Tensor context, int steps, Generator generator, StepListener listener) {
    return latents(latent, context, steps, generator, listener).get(steps);
  }

  /**
   * Like {@link #invert} for one picture, with all the latents on the way; they start with {@code
   * latent} itself.
   */
  public Trajectory trajectory(
      Tensor latent, Tensor context, int steps, Generator generator, StepListener listener) {
    return new Trajectory(latents(latent, context, steps, generator, listener));
  }

  private ImmutableList<Tensor> latents(
      Tensor latent, Tensor context, int steps, Generator generator, StepListener listener) {
    ImmutableList.Builder<Tensor> latents = ImmutableList.<Tensor>builder().add(latent);
    DdimInverseScheduler scheduler = new DdimInverseScheduler(schedule, steps);
    int[] timesteps = scheduler.timesteps();
    for (int i = 0; i < steps; i++) {
      try (Scope step = Scope.open()) {
        int timestep = timesteps[i];
        Tensor output =
            regularization.apply(
                unet.forward(latent, timestep, context),
                latent,
                schedule.predictionType(),
                schedule.alphaCumprod(timestep),
                generator::nextInt);
        latent = step.keep(scheduler.step(output, timestep, latent));
        latents.add(latent);
        listener.stepped(i, steps, latent);
      }
    }
    return latents.build();
  }
}
