package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.FinitePredictions;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.inversion.StepLoop;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.RepeatedPass;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.List;

/**
 * Denoises a latent twice, in lockstep: as it was, and with another prompt embedding while the
 * gradient of a loss pulls its attention maps towards those of the first (Parmar et al., 2023,
 * algorithm 1). Only one step's maps exist at a time.
 */
public final class GuidedSampler {
  private final UNet2DConditionModel unet;
  private final NoiseSchedule schedule;

  public GuidedSampler(UNet2DConditionModel unet, NoiseSchedule schedule) {
    this.unet = unet;
    this.schedule = schedule;
  }

  /**
   * Samples from the noise to the picture.
   *
   * @param noise inverted or drawn, [1, channels, height, width]
   * @param prompts caption, negative and edited
   * @return both latents, in the caller's scope
   * @throws IllegalArgumentException if there are several latents or no steps
   * @throws ArithmeticException if the first prediction is not of finite numbers
   */
  public LatentPair sample(
      Tensor noise,
      Prompts prompts,
      int steps,
      Published settings,
      StepListener<LatentPair> listener) {
    checkArgument(noise.dim(0) == 1, "one latent at a time, got %s", noise.shape());
    DdimScheduler scheduler = new DdimScheduler(schedule, steps);
    try (Scope scope = Scope.open();
        RepeatedPass predictions = predictions(prompts, settings)) {
      LatentPair result =
          new StepLoop<>(scheduler.timesteps(), LatentPair::both, listener)
              .run(
                  new LatentPair(noise, noise),
                  (step, t, current) -> {
                    List<Tensor> results = predictions.at(t, current.reference(), current.edited());
                    if (step == 0) {
                      FinitePredictions.require(results.get(3), t);
                    }
                    return new LatentPair(
                        scheduler.step(results.get(0), t, current.reference()),
                        scheduler.step(results.get(2), t, results.get(1)));
                  });
      result.both().forEach(scope::keep);
      return result;
    }
  }

  /**
   * Of the reference and the edited latent: the prediction for the reference, the edited latent
   * after it was guided, and the prediction for that; then what the network made for the reference.
   */
  private RepeatedPass predictions(Prompts prompts, Published settings) {
    PredictionSum ofReference = settings.prediction(PromptRow.CAPTION);
    PredictionSum ofEdited = settings.prediction(PromptRow.EDITED);
    TextContext reference = prompts.context(ofReference.rows());
    TextContext edited = prompts.context(ofEdited.rows());
    GuidanceLoss loss = settings.loss();
    boolean guided = settings.guidanceAmount() > 0;
    return new RepeatedPass(
        unet,
        !guided || loss.isRepeatable(),
        (latents, timestep) -> {
          MapRecorder maps = new MapRecorder(site -> guided && loss.wants(site));
          Tensor pair = RowPredictions.batch(latents.get(0), reference);
          Tensor predicted = unet.forward(pair, timestep, reference, maps);
          Tensor moved = guide(latents.get(1), timestep, edited, maps, settings);
          Tensor after = unet.forward(moved, timestep, edited, AttentionControl.NONE);
          return List.of(
              ofReference.of(RowPredictions.split(predicted, reference)),
              carriedOn(moved, edited),
              ofEdited.of(RowPredictions.split(after, edited)),
              predicted);
        });
  }

  /** The batch of the edited latent, moved towards the reference maps. */
  private Tensor guide(
      Tensor latent, Tensor timestep, TextContext context, MapRecorder maps, Published settings) {
    if (settings.guidanceAmount() == 0) {
      return RowPredictions.batch(latent, context);
    }
    boolean shared = settings.gradient() == GradientMode.FULL;
    Tensor x = (shared ? latent : RowPredictions.batch(latent, context)).variable();
    LossControl control = new LossControl(settings.loss(), maps);
    Tensor batch = shared ? RowPredictions.batch(x, context) : x;
    unet.forward(batch, timestep, context, control);
    Tensor gradient = Autograd.grad(control.total(), x)[0];
    Tensor moved = x.detached().sub(gradient.mul((float) settings.guidanceAmount()));
    return shared ? RowPredictions.batch(moved, context) : moved;
  }

  /** The latent of a batch whose rows may have moved apart, as {@link GradientMode} says. */
  private static Tensor carriedOn(Tensor batch, TextContext context) {
    int row = Math.max(0, context.rows().indexOf(PromptRow.NEGATIVE));
    return batch.slice(0, row, row + 1);
  }
}
