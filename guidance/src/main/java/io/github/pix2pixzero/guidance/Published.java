package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.unet.PromptRow;
import java.util.Locale;

/**
 * pix2pix-zero as its authors published it: an edit beside a reconstruction of the picture, as
 * {@link GuidedSampler} says, along a direction, led away from the caption.
 *
 * @param guidanceScale weight of classifier-free guidance; 1 turns it off, less leads towards the
 *     negative prompt; by default 5. The published code skips guidance altogether at 1 or less.
 * @param guidanceAmount how far the latent goes along the gradient of the loss, summed over the
 *     attention layers; 0 turns it off; by default 0.1, and 0.15 of generated pictures
 * @param gradient which gradient that is
 * @param loss what the edit should have in common with the picture
 * @param amountChosen whether the amount is to hold for generated pictures too
 */
public record Published(
    double guidanceScale,
    double guidanceAmount,
    GradientMode gradient,
    GuidanceLoss loss,
    boolean amountChosen)
    implements EditMethod {
  public static final String NAME = "published";

  public static final Published DEFAULTS =
      new Published(5, 0.1, GradientMode.REFERENCE, new CrossAttentionLoss(), false);

  /** Of edit_synthetic.py in the authors' code, where real pictures have 0.1. */
  private static final double AMOUNT_OF_GENERATED = 0.15;

  public Published {
    Checks.notNegative("guidance scale", guidanceScale);
    Checks.notNegative("guidance amount", guidanceAmount);
    checkNotNull(gradient, "gradient");
    checkNotNull(loss, "loss");
  }

  public Published withGuidanceScale(double scale) {
    return new Published(scale, guidanceAmount, gradient, loss, amountChosen);
  }

  /** The same amount, wherever a picture comes from. */
  public Published withGuidanceAmount(double amount) {
    return new Published(guidanceScale, amount, gradient, loss, true);
  }

  public Published withGradient(GradientMode mode) {
    return new Published(guidanceScale, guidanceAmount, mode, loss, amountChosen);
  }

  public Published withLoss(GuidanceLoss chosen) {
    return new Published(guidanceScale, guidanceAmount, gradient, chosen, amountChosen);
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
            "Guidance amount", guidanceAmount,
            "Gradient", gradient.name().toLowerCase(Locale.ROOT)),
        loss);
  }

  @Override
  public Steering steering() {
    return Steering.DIRECTION;
  }

  @Override
  public String negativePrompt(String caption, boolean generated) {
    return generated ? "" : caption;
  }

  @Override
  public Published resolved(boolean generated) {
    return amountChosen
        ? this
        : withGuidanceAmount(generated ? AMOUNT_OF_GENERATED : guidanceAmount);
  }

  /** A gradient takes about as long as three predictions. */
  @Override
  public double passesAStep() {
    int rows = prediction(PromptRow.EDITED).rows().size();
    return guidanceAmount > 0 ? 5 * rows : 2 * rows;
  }

  PredictionSum prediction(PromptRow row) {
    return PredictionSum.classifierFree(row, guidanceScale);
  }

  @Override
  public boolean differentiates() {
    return guidanceAmount > 0;
  }

  @Override
  public LatentPair edit(EditTask task) {
    return new GuidedSampler(task.unet(), task.schedule())
        .sample(
            task.trajectory().noise(),
            task.prompts(),
            task.request().steps(),
            this,
            task.listener());
  }
}
