package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.inversion.StepLoop;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.function.Predicate;

/**
 * Draws two pictures from one noise in lockstep, the second with another prompt and the attention
 * maps of the first (Hertz et al., "Prompt-to-Prompt", 2022, algorithm 1).
 */
public final class PromptToPromptSampler {
  private final UNet2DConditionModel unet;
  private final NoiseSchedule schedule;

  public PromptToPromptSampler(UNet2DConditionModel unet, NoiseSchedule schedule) {
    this.unet = unet;
    this.schedule = schedule;
  }

  /**
   * Samples from the noise to both pictures.
   *
   * @param noise [1, channels, height, width]
   * @param prompts caption, negative and edited
   * @param edit made from an alignment of the token ids of caption and edited prompt
   * @return both latents, in the caller's scope
   */
  public LatentPair sample(
      Tensor noise,
      Prompts prompts,
      MapEdit edit,
      int steps,
      PromptToPrompt settings,
      StepListener<LatentPair> listener) {
    checkArgument(noise.dim(0) == 1, "one latent at a time, got %s", noise.shape());
    DdimScheduler scheduler = new DdimScheduler(schedule, steps);
    // The published code rounds down, and counts one cross-attention step more than there are.
    int crossSteps = (int) (settings.crossSteps() * (steps + 1));
    int selfSteps = (int) (settings.selfSteps() * steps);
    try (Scope scope = Scope.open()) {
      PredictionSum ofReference = settings.prediction(PromptRow.CAPTION);
      PredictionSum ofEdited = settings.prediction(PromptRow.EDITED);
      TextContext reference = prompts.context(ofReference.rows());
      TextContext edited = prompts.context(ofEdited.rows());
      LatentPair result =
          new StepLoop<>(scheduler.timesteps(), LatentPair::both, listener)
              .run(
                  new LatentPair(noise, noise),
                  (step, t, current) -> {
                    boolean cross = step < crossSteps;
                    Predicate<AttentionSite> self =
                        site -> step < selfSteps && site.downscale() >= settings.selfDownscale();
                    MapRecorder maps =
                        new MapRecorder(site -> site.isCross() ? cross : self.test(site));
                    Tensor first = predict(current.reference(), t, reference, ofReference, maps);
                    AttentionControl control = edit.control(maps, cross, self);
                    Tensor second = predict(current.edited(), t, edited, ofEdited, control);
                    return new LatentPair(
                        scheduler.step(first, t, current.reference()),
                        scheduler.step(second, t, current.edited()));
                  });
      result.both().forEach(scope::keep);
      return result;
    }
  }

  private Tensor predict(
      Tensor latent, int t, TextContext context, PredictionSum sum, AttentionControl control) {
    Tensor batch = RowPredictions.batch(latent, context);
    return sum.of(RowPredictions.split(unet.forward(batch, t, context, control), context));
  }
}
