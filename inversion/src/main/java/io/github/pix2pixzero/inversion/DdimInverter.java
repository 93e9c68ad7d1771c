package io.github.pix2pixzero.inversion;

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
    int[] timesteps = scheduler.timesteps();
    Tensor current = Tensor.of(latent.backend(), latent.toFloats(), latent.shape().toArray());
    for (int i = 0; i < steps; i++) {
      try (Scope step = Scope.open()) {
        int timestep = timesteps[i];
        Tensor output =
            regularization.apply(
                unet.forward(current, timestep, context),
                current,
                schedule.predictionType(),
                schedule.alphaCumprod(timestep),
                generator::nextInt);
        Tensor next = step.keep(scheduler.step(output, timestep, current));
        Scope.release(current);
        current = next;
        listener.stepped(i, steps, current);
      }
    }
    return current;
  }
}
