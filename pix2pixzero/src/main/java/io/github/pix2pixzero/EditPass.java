package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.guidance.EditMask;
import io.github.pix2pixzero.guidance.GuidedSampler;
import io.github.pix2pixzero.guidance.TrajectorySampler;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.Tensor;
import java.awt.image.BufferedImage;
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
    EditOptions options,
    ProgressListener progress) {

  /** Denoises, in the caller's scope. */
  GuidedSampler.Result run() {
    Tensor prompt = model.embed(options.captionFor(inversion));
    GuidedSampler.Prompts prompts =
        new GuidedSampler.Prompts(
            prompt, model.embed(options.negativePromptFor(inversion)), edited(prompt));
    return switch (options.reference()) {
      case TRAJECTORY -> besideTrajectory(prompts);
      case RECONSTRUCTION -> besideReconstruction(prompts);
    };
  }

  /** The embedding of what the picture should become. */
  private Tensor edited(Tensor prompt) {
    float strength = (float) options.strength();
    if (direction.isPresent()) {
      return prompt.add(direction.get().embedding().mul(strength));
    }
    Tensor target =
        model.embed(options.targetCaptionFor(options.captionFor(inversion)).orElseThrow());
    return strength == 1 ? target : prompt.add(target.sub(prompt).mul(strength));
  }

  private GuidedSampler.Result besideTrajectory(GuidedSampler.Prompts prompts) {
    Trajectory trajectory = inversion.trajectory();
    checkArgument(
        trajectory.steps() == options.stepsFor(inversion),
        "the picture was inverted in %s steps, it cannot be edited in %s beside its trajectory",
        trajectory.steps(),
        options.stepsFor(inversion));
    Supplier<EditMask> found =
        Suppliers.memoize(
            () ->
                EditMask.of(
                    model.unet(),
                    model.schedule(),
                    trajectory,
                    prompts.prompt(),
                    prompts.edited()));
    Optional<Tensor> mask = options.holdBackground() ? Optional.of(mask(found)) : Optional.empty();
    Optional<Tensor> pull = makesRoom() ? Optional.of(found.get().pull()) : Optional.empty();
    model.backend().trim();
    return new TrajectorySampler(model.unet(), model.schedule(), options.loss())
        .sample(
            trajectory,
            mask,
            pull,
            prompts,
            new TrajectorySampler.Settings(
                options.guidanceScale(), options.contrast(), options.guidanceAmountFor(inversion)),
            listener());
  }

  /** 1 where the latent may change, 0 where it is held, [1, 1, height, width]. */
  private Tensor mask(Supplier<EditMask> found) {
    if (options.mask().isPresent()) {
      BufferedImage fitted =
          inversion
              .picture()
              .orElseGet(
                  () -> FittedPicture.unchanged(new Views(model).decode(inversion.encoded())))
              .along(options.mask().get());
      return PictureTensors.toMask(fitted, model.vae().factor(), model.backend());
    }
    if (!options.maskWords().isEmpty()) {
      return new Views(model)
          .attention(inversion.trajectory(), options.captionFor(inversion), progress)
          .mask(options.maskWords(), options.maskThreshold(), model.backend());
    }
    return found.get().inside();
  }

  /** Whether the edit adds something to what the caption says, and guidance is to yield to it. */
  private boolean makesRoom() {
    String caption = options.captionFor(inversion);
    return options.makeRoom()
        && options.guidanceAmountFor(inversion) > 0
        && direction.isEmpty()
        && options.targetCaptionFor(caption).filter(to -> Captions.adds(caption, to)).isPresent();
  }

  /** Begins the stage, when all else is done. */
  private GuidedSampler.Listener listener() {
    Steps steps =
        new Steps(
            progress,
            ProgressListener.Stage.EDIT,
            options.stepsFor(inversion),
            new Views(model)::decode);
    return (step, count, current) -> steps.stepped(step, current.edited());
  }

  private GuidedSampler.Result besideReconstruction(GuidedSampler.Prompts prompts) {
    return new GuidedSampler(model.unet(), model.schedule(), options.loss())
        .sample(
            inversion.inverted(),
            prompts,
            new GuidedSampler.Settings(
                options.stepsFor(inversion),
                options.guidanceScale(),
                options.guidanceAmountFor(inversion),
                options.gradientMode()),
            listener());
  }
}
