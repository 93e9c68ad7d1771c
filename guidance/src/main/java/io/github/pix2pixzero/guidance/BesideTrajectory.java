package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.PromptRow;
import java.util.Optional;
import java.util.function.Consumer;

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
 * @param contrast weight of the difference between the prompts; 0 turns it off; by default 1. In
 *     the first quarter of the steps, which decide what is in the picture, it counts three times,
 *     and later, where it exaggerates, seven tenths.
 * @param guidanceAmount how far a step of 50 goes along the gradient of the loss, averaged over the
 *     attention layers that the loss looks at; those of fewer steps go as much farther. 0 turns it
 *     off; by default 10. Never more than a tenth of the latent, so that it cannot explode, and
 *     nowhere more than 1.2 times its own root mean square, so that new shapes stay.
 * @param guidanceSteps the steps that are guided; by default all but the first quarter: there,
 *     there is little to hold on to, and a gradient takes longer than all else
 * @param holdBackground whether what the edit has no business with stays exactly as it is; by
 *     default it does
 * @param makeRoom whether, of edits that add words to the caption ("a dog" to "a dog with a hat"),
 *     guidance lets go where the picture changes most, and the first steps go farther from the
 *     caption; by default it does
 * @param deepEvery every so many steps the whole network predicts; in the others its finest level
 *     does, on the deep features of the step before (Ma et al., "DeepCache", CVPR 2024); by default
 *     2. The predictions that gradients are taken of are always the whole network's.
 * @param loss what the edit should have in common with the picture; by default the paper's
 */
public record BesideTrajectory(
    double guidanceScale,
    double contrast,
    double guidanceAmount,
    StepWindow guidanceSteps,
    boolean holdBackground,
    boolean makeRoom,
    int deepEvery,
    GuidanceLoss loss)
    implements EditMethod {
  public static final String NAME = "beside-trajectory";

  public static final BesideTrajectory DEFAULTS =
      new BesideTrajectory(
          3, 1, 10, new StepWindow(0.25, 1), true, true, 2, new CrossAttentionLoss());

  /** The steps in which it is decided what is in the picture. */
  private static final StepWindow DECIDING = StepWindow.until(0.25);

  /** What the finest level takes of a pass, about. */
  private static final double OF_FINEST = 0.5;

  private static final double DECIDING_CONTRAST = 3;
  private static final double LATER_CONTRAST = 0.7;

  public BesideTrajectory {
    Checks.notNegative("guidance scale", guidanceScale);
    Checks.notNegative("contrast", contrast);
    Checks.notNegative("guidance amount", guidanceAmount);
    checkNotNull(guidanceSteps, "guidance steps");
    checkArgument(
        deepEvery > 0, "the whole network predicts every %s steps, not 1 or more", deepEvery);
    checkNotNull(loss, "loss");
  }

  /** The components, while one is changed. */
  private static final class Draft {
    private double guidanceScale;
    private double contrast;
    private double guidanceAmount;
    private StepWindow guidanceSteps;
    private boolean holdBackground;
    private boolean makeRoom;
    private int deepEvery;
    private GuidanceLoss loss;
  }

  private BesideTrajectory with(Consumer<Draft> change) {
    Draft draft = new Draft();
    draft.guidanceScale = guidanceScale;
    draft.contrast = contrast;
    draft.guidanceAmount = guidanceAmount;
    draft.guidanceSteps = guidanceSteps;
    draft.holdBackground = holdBackground;
    draft.makeRoom = makeRoom;
    draft.deepEvery = deepEvery;
    draft.loss = loss;
    change.accept(draft);
    return new BesideTrajectory(
        draft.guidanceScale,
        draft.contrast,
        draft.guidanceAmount,
        draft.guidanceSteps,
        draft.holdBackground,
        draft.makeRoom,
        draft.deepEvery,
        draft.loss);
  }

  public BesideTrajectory withGuidanceScale(double scale) {
    return with(draft -> draft.guidanceScale = scale);
  }

  public BesideTrajectory withContrast(double weight) {
    return with(draft -> draft.contrast = weight);
  }

  public BesideTrajectory withGuidanceAmount(double amount) {
    return with(draft -> draft.guidanceAmount = amount);
  }

  public BesideTrajectory withGuidanceSteps(StepWindow guided) {
    return with(draft -> draft.guidanceSteps = guided);
  }

  public BesideTrajectory withHoldBackground(boolean held) {
    return with(draft -> draft.holdBackground = held);
  }

  public BesideTrajectory withMakeRoom(boolean made) {
    return with(draft -> draft.makeRoom = made);
  }

  public BesideTrajectory withDeepEvery(int steps) {
    return with(draft -> draft.deepEvery = steps);
  }

  public BesideTrajectory withLoss(GuidanceLoss chosen) {
    return with(draft -> draft.loss = chosen);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ImmutableMap<String, Object> settings() {
    return MethodSettings.withLoss(
        ImmutableMap.of(
            "CFG scale", guidanceScale,
            "Contrast", contrast,
            "Guidance amount", guidanceAmount,
            "Guidance steps", guidanceSteps.toString(),
            "Hold background", holdBackground,
            "Make room", makeRoom,
            "Deep every", deepEvery),
        loss);
  }

  @Override
  public int usualSteps() {
    return Quality.STANDARD.steps();
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
    double guided = differentiates() ? guidanceSteps.share() : 0;
    double whole = 1.0 / deepEvery;
    double row = whole + (1 - whole) * OF_FINEST;
    return guided * (rows(true).size() * row + 4) + (1 - guided) * rows(false).size() * row;
  }

  /** What a step, of so many, is taken along. */
  PredictionSum prediction(int step, int steps) {
    double share = DECIDING.contains(step, steps) ? DECIDING_CONTRAST : LATER_CONTRAST;
    return PredictionSum.of(PromptRow.EDITED)
        .plus(guidanceScale - 1, PromptRow.NEGATIVE, PromptRow.EDITED)
        .plus(contrast * share, PromptRow.CAPTION, PromptRow.EDITED);
  }

  /**
   * The prompts to predict for.
   *
   * @param guided whether guidance predicts for the caption anyway
   */
  ImmutableList<PromptRow> rows(boolean guided) {
    return prediction(0, 1).rows().stream()
        .filter(row -> !guided || row != PromptRow.CAPTION)
        .collect(ImmutableList.toImmutableList());
  }

  /** Whether a step, of so many, is guided. */
  boolean guides(int step, int steps) {
    return guidanceAmount > 0 && guidanceSteps.contains(step, steps);
  }

  @Override
  public boolean differentiates() {
    return guidanceAmount > 0 && guidanceSteps.share() > 0;
  }

  @Override
  public LatentPair edit(EditTask task) {
    Optional<Tensor> mask =
        holdBackground
            ? task.mask().or(() -> Optional.of(task.changes().get().inside()))
            : Optional.empty();
    Optional<Room> room =
        makeRoom && task.request().addsWords()
            ? Optional.of(Room.of(task.changes().get(), task.prompts()))
            : Optional.empty();
    task.trajectory().noise().backend().trim();
    return new TrajectorySampler(task.unet(), task.schedule())
        .sample(task.trajectory(), mask, room, task.prompts(), this, task.listener());
  }
}
