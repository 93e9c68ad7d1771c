package io.github.pix2pixzero.guidance;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.FinitePredictions;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.Solver;
import io.github.pix2pixzero.inversion.SolverSteps;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.inversion.StepLoop;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.List;

/**
 * From noise to the picture of a prompt, with classifier-free guidance (Ho and Salimans, 2022).
 * Agrees with the loop of diffusers' {@code StableDiffusionPipeline}.
 */
public final class PromptSampler {
  private final UNet2DConditionModel unet;
  private final NoiseSchedule schedule;

  public PromptSampler(UNet2DConditionModel unet, NoiseSchedule schedule) {
    this.unet = unet;
    this.schedule = schedule;
  }

  /**
   * Generates a picture.
   *
   * @param noise [1, channels, height, width]
   * @param prompts prompt and negative
   * @param guidanceScale weight of classifier-free guidance; 1 turns it off, less leads towards the
   *     negative prompt
   * @param control asked at every attention site
   * @return all latents between the picture and the noise, in the caller's scope
   * @throws ArithmeticException if the first prediction is not of finite numbers
   */
  public Trajectory sample(
      Tensor noise,
      Prompts prompts,
      Solver solver,
      int steps,
      double guidanceScale,
      AttentionControl control,
      StepListener<Tensor> listener) {
    PredictionSum sum = PredictionSum.classifierFree(PromptRow.PROMPT, guidanceScale);
    try (Scope scope = Scope.open();
        SolverSteps run = solver.steps(schedule, steps);
        RowPredictions rows = new RowPredictions(unet, prompts, sum.rows(), true, control)) {
      ImmutableList<Tensor> latents =
          StepLoop.ofLatent(run.timesteps(), listener)
              .collect(noise, (step, t, latent) -> run.step(sum.of(rows.at(t, latent)), latent));
      latents.subList(1, latents.size()).forEach(scope::keep);
      return new Trajectory(latents.reverse());
    }
  }

  /**
   * Shows a control the maps of every latent of a trajectory, without leaving it.
   *
   * @param caption of the picture
   * @throws ArithmeticException if a prediction is not of finite numbers
   */
  public void replay(
      Trajectory trajectory,
      TextEmbedding caption,
      AttentionControl control,
      StepListener<Tensor> listener) {
    int steps = trajectory.steps();
    try (Scope scope = Scope.open()) {
      TextContext context = new TextContext(caption.states(), List.of(PromptRow.CAPTION));
      new StepLoop<Tensor>(
              new DdimScheduler(schedule, steps).timesteps(), latent -> List.of(), listener)
          .run(
              trajectory.noise(),
              (step, t, latent) -> {
                FinitePredictions.require(unet.forward(latent, t, context, control), t);
                return trajectory.after(steps - step - 1);
              });
    }
  }
}
