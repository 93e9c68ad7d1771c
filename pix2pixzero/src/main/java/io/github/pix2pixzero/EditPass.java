package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import io.github.pix2pixzero.Progress.Stage;
import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.guidance.EditMask;
import io.github.pix2pixzero.guidance.EditTask;
import io.github.pix2pixzero.guidance.LatentPair;
import io.github.pix2pixzero.guidance.Prompts;
import io.github.pix2pixzero.inversion.NullText;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import java.awt.image.BufferedImage;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** From an inversion to the edited latent. */
record EditPass(Views views, Inversion inversion, EditPlan plan, Work work) {

  /**
   * What came out.
   *
   * @param mask where the edit changes the picture; empty if the method has not asked
   */
  record Result(LatentPair latents, Optional<Tensor> mask) {}

  /** Denoises, in the caller's scope. */
  Result run() {
    Scope scope = Scope.current();
    StableDiffusion model = views.model();
    Trajectory trajectory = inversion.trajectory();
    TextEmbedding caption = model.embed(plan.caption());
    Prompts prompts = Prompts.ofEdit(caption, model.embed(plan.negativePrompt()), edited(caption));
    Optional<Tensor> mask = mask();
    AtomicReference<Tensor> found = new AtomicReference<>();
    Supplier<EditMask> changes =
        Suppliers.memoize(
            () -> {
              EditMask made =
                  EditMask.of(
                      model.unet(),
                      model.schedule(),
                      trajectory,
                      prompts,
                      plan.request().addsWords(),
                      work.steps(Stage.MASK));
              found.set(scope.adopt(made.inside()));
              return made;
            });
    LatentPair latents =
        plan.method()
            .edit(
                new EditTask(
                    model.unet(),
                    model.schedule(),
                    plan.request(),
                    trajectory,
                    prompts,
                    mask,
                    Suppliers.memoize(this::noise),
                    Suppliers.memoize(this::nullText),
                    changes,
                    work.steps(Stage.EDIT, LatentPair::edited)));
    checkState(latents != null, "the method %s has returned no latents", plan.method().name());
    return new Result(latents, mask.or(() -> Optional.ofNullable(found.get())));
  }

  /** Drawn as PyTorch does it on the CPU. */
  private Tensor noise() {
    Tensor picture = inversion.encoded();
    float[] drawn = new TorchCpuGenerator(plan.seed()).normal(picture.size());
    return Tensor.of(picture.backend(), drawn, picture.shape().toArray());
  }

  /** What the inversion has for this guidance scale and caption, or what is found now. */
  private NullText nullText() {
    double scale = plan.method().nullTextScale().orElseThrow();
    return inversion
        .nullText()
        .filter(known -> known.guidanceScale() == scale)
        .filter(known -> plan.caption().equals(inversion.caption()))
        .orElseGet(() -> views.nullText(inversion.trajectory(), plan.caption(), scale, work));
  }

  /** The embedding of what the picture should become. */
  private TextEmbedding edited(TextEmbedding caption) {
    if (plan.direction().isPresent()) {
      return plan.direction().get().applyTo(caption, plan.strength());
    }
    TextEmbedding target = views.model().embed(plan.targetCaption().orElseThrow());
    return plan.strength() == 1 ? target : caption.towards(target, plan.strength());
  }

  /** 1 where the latent may change, 0 where it is held, [1, 1, height, width]. */
  private Optional<Tensor> mask() {
    StableDiffusion model = views.model();
    if (plan.mask().isPresent()) {
      BufferedImage fitted =
          inversion
              .picture()
              .orElseGet(() -> FittedPicture.unchanged(views.decode(inversion.encoded())))
              .along(plan.mask().get());
      return Optional.of(PictureTensors.toMask(fitted, model.vae().factor(), model.backend()));
    }
    return plan.wordMask()
        .map(
            words ->
                views
                    .attention(inversion.trajectory(), plan.caption(), work)
                    .mask(words.words(), words.threshold(), model.backend()));
  }
}
