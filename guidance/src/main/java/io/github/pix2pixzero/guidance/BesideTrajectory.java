package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.PromptRow;
import java.util.Optional;

/**
 * The default method: denoises beside the trajectory of the inversion, as {@link TrajectorySampler}
 * says. The defaults are those that did best where the right answer is known, see {@code
 * docs/ablation.md}.
 *
 * <p>With ε the prediction for the edited prompt, ε₀ for the negative and ε₁ for that of the
 * picture as it is, a step is taken along ε + (guidanceScale - 1) (ε - ε₀) + contrast (ε - ε₁). The
 * first of the two leads to what the edited prompt says (Ho and Salimans, 2022), the second to
 * where it differs from the caption.
 *
 * @param guidanceScale weight of classifier-free guidance; 1 turns it off, less leads towards the
 *     negative prompt; by default 3
 * @param contrast weight of the difference between the prompts; 0 turns it off; by default 1
 * @param guidanceAmount how far the latent goes along the gradient of the loss, averaged over the
 *     attention layers that the loss looks at; 0 turns it off; by default 5. Never more than a
 *     tenth of the latent, so that it cannot explode.
 * @param holdBackground whether what the edit has no business with stays exactly as it is; by
 *     default it does
 * @param makeRoom whether guidance lets go where the picture changes most, of edits that add words
 *     to the caption: "a dog" to "a dog with a hat"; by default it does
 * @param loss what the edit should have in common with the picture; by default the paper's
 */
public record BesideTrajectory(
    double guidanceScale,
    double contrast,
    double guidanceAmount,
    boolean holdBackground,
    boolean makeRoom,
    GuidanceLoss loss)
    implements EditMethod {
  public static final String NAME = "beside-trajectory";

  public static final BesideTrajectory DEFAULTS =
      new BesideTrajectory(3, 1, 5, true, true, new CrossAttentionLoss());

  public BesideTrajectory {
    Checks.notNegative("guidance scale", guidanceScale);
    Checks.notNegative("contrast", contrast);
    Checks.notNegative("guidance amount", guidanceAmount);
    checkNotNull(loss, "loss");
  }

  public BesideTrajectory withGuidanceScale(double scale) {
    return new BesideTrajectory(scale, contrast, guidanceAmount, holdBackground, makeRoom, loss);
  }

  public BesideTrajectory withContrast(double weight) {
    return new BesideTrajectory(
        guidanceScale, weight, guidanceAmount, holdBackground, makeRoom, loss);
  }

  public BesideTrajectory withGuidanceAmount(double amount) {
    return new BesideTrajectory(guidanceScale, contrast, amount, holdBackground, makeRoom, loss);
  }

  public BesideTrajectory withHoldBackground(boolean held) {
    return new BesideTrajectory(guidanceScale, contrast, guidanceAmount, held, makeRoom, loss);
  }

  public BesideTrajectory withMakeRoom(boolean made) {
    return new BesideTrajectory(
        guidanceScale, contrast, guidanceAmount, holdBackground, made, loss);
  }

  public BesideTrajectory withLoss(GuidanceLoss chosen) {
    return new BesideTrajectory(
        guidanceScale, contrast, guidanceAmount, holdBackground, makeRoom, chosen);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ImmutableMap<String, Object> settings() {
    return CrossAttentionLoss.settings(
        ImmutableMap.of(
            "CFG scale", guidanceScale,
            "Contrast", contrast,
            "Guidance amount", guidanceAmount,
            "Hold background", holdBackground,
            "Make room", makeRoom),
        loss);
  }

  @Override
  public boolean takesMask() {
    return holdBackground;
  }

  @Override
  public void check(EditRequest request) {
    checkArgument(
        request.invertedSteps() == request.steps(),
        "the picture was inverted in %s steps, it cannot be edited in %s beside its trajectory",
        request.invertedSteps(),
        request.steps());
  }

  /** A gradient takes about as long as three predictions, and the reference's maps one. */
  @Override
  public double passesAStep() {
    return guidanceAmount > 0 ? rows().size() + 4 : rows().size();
  }

  /** What a step is taken along. */
  PredictionSum prediction() {
    return PredictionSum.of(PromptRow.EDITED)
        .plus(guidanceScale - 1, PromptRow.NEGATIVE, PromptRow.EDITED)
        .plus(contrast, PromptRow.CAPTION, PromptRow.EDITED);
  }

  /** The prompts to predict for: where there is guidance, it predicts for the caption anyway. */
  ImmutableList<PromptRow> rows() {
    return prediction().rows().stream()
        .filter(row -> guidanceAmount == 0 || row != PromptRow.CAPTION)
        .collect(ImmutableList.toImmutableList());
  }

  @Override
  public boolean differentiates() {
    return guidanceAmount > 0;
  }

  @Override
  public LatentPair edit(EditTask task) {
    Optional<Tensor> mask =
        holdBackground
            ? task.mask().or(() -> Optional.of(task.changes().get().inside()))
            : Optional.empty();
    Optional<Tensor> pull =
        makeRoom && guidanceAmount > 0 && task.request().addsWords()
            ? Optional.of(task.changes().get().pull())
            : Optional.empty();
    task.trajectory().noise().backend().trim();
    return new TrajectorySampler(task.unet(), task.schedule())
        .sample(task.trajectory(), mask, pull, task.prompts(), this, task.listener());
  }
}
