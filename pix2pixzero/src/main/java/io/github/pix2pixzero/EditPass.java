package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.guidance.CrossAttentionLoss;
import io.github.pix2pixzero.guidance.EditMask;
import io.github.pix2pixzero.guidance.GuidedSampler;
import io.github.pix2pixzero.guidance.TrajectorySampler;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.Optional;

/**
 * From an inversion to the edited latent.
 *
 * @param direction where the edit leads; empty if the options' target caption says it
 */
record EditPass(
    StableDiffusion model,
    Inversion inversion,
    Optional<EditDirection> direction,
    EditOptions options) {

  /** Denoises, in the caller's scope. */
  GuidedSampler.Result run(GuidedSampler.Listener listener) {
    Tensor prompt = model.embed(options.captionFor(inversion));
    GuidedSampler.Prompts prompts =
        new GuidedSampler.Prompts(
            prompt, model.embed(options.negativePromptFor(inversion)), edited(prompt));
    return switch (options.reference()) {
      case TRAJECTORY -> besideTrajectory(prompts, listener);
      case RECONSTRUCTION -> besideReconstruction(prompts, listener);
    };
  }

  /** The embedding of what the picture should become. */
  private Tensor edited(Tensor prompt) {
    Tensor target =
        direction.isPresent()
            ? prompt.add(direction.get().embedding())
            : model.embed(options.targetCaptionFor(options.captionFor(inversion)).orElseThrow());
    return options.strength() == 1
        ? target
        : prompt.add(target.sub(prompt).mul((float) options.strength()));
  }

  private GuidedSampler.Result besideTrajectory(
      GuidedSampler.Prompts prompts, GuidedSampler.Listener listener) {
    Trajectory trajectory = inversion.trajectory();
    checkArgument(
        trajectory.steps() == options.stepsFor(inversion),
        "the picture was inverted in %s steps, it cannot be edited in %s beside its trajectory",
        trajectory.steps(),
        options.stepsFor(inversion));
    Optional<Tensor> mask =
        options.holdBackground()
            ? Optional.of(
                EditMask.of(
                    model.unet(), model.schedule(), trajectory, prompts.prompt(), prompts.edited()))
            : Optional.empty();
    return new TrajectorySampler(model.unet(), model.schedule(), new CrossAttentionLoss())
        .sample(
            trajectory,
            mask,
            prompts,
            new TrajectorySampler.Settings(
                options.guidanceScale(), options.contrast(), options.guidanceAmountFor(inversion)),
            listener);
  }

  private GuidedSampler.Result besideReconstruction(
      GuidedSampler.Prompts prompts, GuidedSampler.Listener listener) {
    return new GuidedSampler(model.unet(), model.schedule(), new CrossAttentionLoss())
        .sample(
            inversion.inverted(),
            prompts,
            new GuidedSampler.Settings(
                options.stepsFor(inversion),
                options.guidanceScale(),
                options.guidanceAmountFor(inversion),
                options.gradientMode()),
            listener);
  }
}
