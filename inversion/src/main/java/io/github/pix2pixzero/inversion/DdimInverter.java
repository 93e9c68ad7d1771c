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
    DdimInverseScheduler scheduler = new DdimInverseScheduler(schedule, steps);
    Tensor current = Tensor.of(latent.backend(), latent.toFloats(), latent.shape().toArray());
    for (int i = 0; i < steps; i++) {
      Tensor next = step(scheduler, i, current, context, generator);
      Scope.release(current);
      current = next;
      listener.stepped(i, steps, current);
    }
    return current;
  }

  /**
   * Like {@link #invert} for one picture, with all the latents on the way; they start with {@code
   * latent} itself.
   */
  public Trajectory trajectory(
      Tensor latent, Tensor context, int steps, Generator generator, StepListener listener) {
    DdimInverseScheduler scheduler = new DdimInverseScheduler(schedule, steps);
    ImmutableList.Builder<Tensor> latents = ImmutableList.<Tensor>builder().add(latent);
    Tensor current = latent;
    for (int i = 0; i < steps; i++) {
      current = step(scheduler, i, current, context, generator);
      latents.add(current);
      listener.stepped(i, steps, current);
    }
    return new Trajectory(latents.build());
  }

  private Tensor step(
      DdimInverseScheduler scheduler,
      int number,
      Tensor latent,
      Tensor context,
      Generator generator) {
    try (Scope step = Scope.open()) {
      int timestep = scheduler.timesteps()[number];
      Tensor output =
          regularization.apply(
              unet.forward(latent, timestep, context),
              latent,
              schedule.predictionType(),
              schedule.alphaCumprod(timestep),
              generator::nextInt);
      return step.keep(scheduler.step(output, timestep, latent));
    }
  }
}
