package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Floats;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.guidance.EditMethod;
import io.github.pix2pixzero.guidance.EditRequest;
import io.github.pix2pixzero.guidance.Steering;
import io.github.pix2pixzero.stablediffusion.ModelIdentity;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From options to plans. What does not go together is found out here, before the long work. */
record Planner(StableDiffusion model, Directions directions) {
  private static final Logger LOG = LoggerFactory.getLogger(Planner.class);

  /** The plan of an edit whose picture is still to be inverted with the same options. */
  EditPlan beforeInversion(EditOptions options, Work work) {
    return plan(options, options.captionOfPicture(), options.stepsOfInversion(), false, work);
  }

  /**
   * The plan of an edit of a picture that has been inverted. Unless chosen otherwise, caption and
   * number of steps are those of the inversion.
   */
  EditPlan of(Inversion inversion, EditOptions options, Work work) {
    checkFits(inversion);
    String inverted =
        inversion.caption().isEmpty() ? options.captionOfPicture() : inversion.caption();
    String caption = options.caption().orElse(inverted);
    if (options.inverts()) {
      inversion.requireInverted("an edit by the method " + options.method().name());
    }
    int steps = inversion.isInverted() ? inversion.steps() : options.stepsOfInversion();
    return plan(options, caption, steps, inversion.isGenerated(), work);
  }

  private EditPlan plan(
      EditOptions options, String caption, int invertedSteps, boolean generated, Work work) {
    EditMethod method = options.method().resolved(generated);
    Optional<String> target = target(caption, options);
    checkArgument(
        target.isPresent() || !options.steering().equals(Optional.of(Steering.CAPTION)),
        "the edit should follow the target caption, but %s; name a target caption",
        untold(caption, options));
    boolean follows =
        target.isPresent() && options.steering().orElseGet(method::steering) == Steering.CAPTION;
    EditRequest request =
        new EditRequest(
            model.tokenizer(),
            caption,
            follows ? target : Optional.empty(),
            options.chosenSteps().orElse(invertedSteps),
            options.inverts() ? invertedSteps : 0,
            generated);
    options
        .wordMask()
        .ifPresent(mask -> AttentionMaps.checkWords(model.tokenizer(), caption, mask.words()));
    method.check(request);
    Optional<EditDirection> direction =
        follows ? Optional.empty() : Optional.of(directions.of(options, work));
    warn(request, direction, options);
    return new EditPlan(
        request,
        direction,
        options.negativePrompt().orElseGet(() -> method.negativePrompt(caption, generated)),
        options.strength(),
        method,
        options.mask(),
        options.wordMask(),
        options.seed(),
        options.attentionMaps());
  }

  /** The caption that was given, or one in which the target word replaces the source word. */
  private static Optional<String> target(String caption, EditOptions options) {
    if (options.targetCaption().isPresent() || options.from().isEmpty() || options.to().isEmpty()) {
      return options.targetCaption();
    }
    return Captions.replaced(caption, options.from().get().strip(), options.to().get().strip());
  }

  /** Why there is no target caption. */
  private static String untold(String caption, EditOptions options) {
    return options
        .from()
        .map(word -> "\"%s\" is not in the caption \"%s\"".formatted(word, caption))
        .orElse("there is none");
  }

  private static void warn(
      EditRequest request, Optional<EditDirection> direction, EditOptions options) {
    boolean same =
        request.targetCaption().filter(target -> reads(request, target)).isPresent()
            || direction.filter(Planner::leadsNowhere).isPresent();
    if (same) {
      LOG.warn("nothing will change: source and target read the same to the model");
    }
    if (direction.isPresent() && request.caption().isEmpty()) {
      LOG.warn(
          "no caption says what the picture shows; the direction is added to that of an empty one");
    } else if (direction.isPresent()
        && options.from().isPresent()
        && options.steering().orElseGet(options.method()::steering) == Steering.CAPTION) {
      LOG.warn("{}; the edit follows the sentences' direction", untold(request.caption(), options));
    }
  }

  /** Whether the model reads of a text what it reads of the caption: the rest may be cut off. */
  private static boolean reads(EditRequest request, String text) {
    return Arrays.equals(
        request.tokenizer().tokenize(request.caption()).ids(),
        request.tokenizer().tokenize(text).ids());
  }

  private static boolean leadsNowhere(EditDirection direction) {
    return Floats.asList(direction.embedding().toFloats()).stream().allMatch(x -> x == 0);
  }

  /**
   * Refuses an inversion that was made with another model. What does not say its model is taken if
   * its latents could be of this one.
   *
   * @throws IllegalArgumentException naming both models
   */
  void checkFits(Inversion inversion) {
    Tensor inverted = inversion.inverted();
    int channels = model.unet().config().inChannels();
    int multiple = model.unet().config().multiple();
    checkArgument(
        inverted.dim(1) == channels
            && inverted.dim(2) % multiple == 0
            && inverted.dim(3) % multiple == 0,
        "the inversion is for a latent of %s, this model's have %s channels, and height and width"
            + " that %s divides",
        inverted.shape(),
        channels,
        multiple);
    ModelIdentity now = model.identity(List.of(inversion.caption()));
    inversion.model().ifPresent(made -> made.checkSame(now, "the inversion"));
  }
}
