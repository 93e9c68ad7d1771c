package io.github.pix2pixzero.inversion;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.random.Generator;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.RepeatedPass;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.List;

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
   * @throws ArithmeticException if the first prediction is not of finite numbers
   */
  public Tensor invert(
      Tensor latent,
      Tensor context,
      int steps,
      Generator generator,
      StepListener<Tensor> listener) {
    try (Scope scope = Scope.open();
        Steps inverse = new Steps(context, steps, generator)) {
      return scope.keep(StepLoop.ofLatent(inverse.timesteps, listener).run(latent, inverse));
    }
  }

  /**
   * Like {@link #invert} for one picture, with all the latents on the way; they start with {@code
   * latent} itself.
   */
  public Trajectory trajectory(
      Tensor latent,
      Tensor context,
      int steps,
      Generator generator,
      StepListener<Tensor> listener) {
    try (Scope scope = Scope.open();
        Steps inverse = new Steps(context, steps, generator)) {
      ImmutableList<Tensor> latents =
          StepLoop.ofLatent(inverse.timesteps, listener).collect(latent, inverse);
      latents.subList(1, latents.size()).forEach(scope::keep);
      return new Trajectory(latents);
    }
  }

  /** The steps of one inversion, from the picture on. */
  private final class Steps implements StepLoop.Step<Tensor>, AutoCloseable {
    private final DdimInverseScheduler scheduler;
    private final int[] timesteps;
    private final RepeatedPass prediction;
    private final Generator generator;

    Steps(Tensor context, int steps, Generator generator) {
      scheduler = new DdimInverseScheduler(schedule, steps);
      timesteps = scheduler.timesteps();
      TextContext shared = new TextContext(context);
      prediction =
          new RepeatedPass(
              unet,
              true,
              (latents, timestep) ->
                  List.of(unet.forward(latents.get(0), timestep, shared, AttentionControl.NONE)));
      this.generator = generator;
    }

    @Override
    public Tensor take(int number, int timestep, Tensor latent) {
      Tensor output =
          regularization.apply(
              prediction.at(timestep, latent).get(0),
              latent,
              schedule.predictionType(),
              schedule.alphaCumprod(timestep),
              generator::nextInt);
      if (number == 0) {
        FinitePredictions.require(output, timestep);
      }
      return scheduler.step(output, timestep, latent);
    }

    @Override
    public void close() {
      prediction.close();
    }
  }
}
