package io.github.pix2pixzero;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import io.github.pix2pixzero.inversion.Solver;
import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.stablediffusion.ModelIdentity;
import io.github.pix2pixzero.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.Optional;

/** An edited picture and how it came about. Immutable; its pictures are shared, not copied. */
public final class Edit {
  private final BufferedImage image;
  private final Inversion inversion;
  private final EditPlan plan;
  private final ModelIdentity model;
  private final Tensor edited;
  private final Tensor reference;
  private final Optional<Tensor> mask;
  private final Supplier<BufferedImage> reconstruction;
  private final Optional<AttentionMaps> attention;
  private final Duration time;
  private final long peakMemory;

  Edit(
      BufferedImage image,
      Inversion inversion,
      EditPlan plan,
      ModelIdentity model,
      Tensor edited,
      Tensor reference,
      Optional<Tensor> mask,
      Supplier<BufferedImage> reconstruction,
      Optional<AttentionMaps> attention,
      Duration time,
      long peakMemory) {
    this.image = image;
    this.inversion = inversion;
    this.plan = plan;
    this.model = model;
    this.edited = edited;
    this.reference = reference;
    this.mask = mask;
    this.reconstruction = Suppliers.memoize(reconstruction);
    this.attention = attention;
    this.time = time;
    this.peakMemory = peakMemory;
  }

  /** The edit, at the size the model worked at. */
  public BufferedImage image() {
    return image;
  }

  /**
   * The edit at the size of the picture that was given: padding is cut off again, and what had been
   * cut off at the edges comes back from the source.
   */
  public BufferedImage imageAtSourceSize() {
    return inversion.picture().map(fitted -> fitted.restore(image)).orElse(image);
  }

  /** The picture that was given, if one was, as it was fitted to the model. */
  public Optional<FittedPicture> source() {
    return inversion.picture();
  }

  /** What the edit started from. */
  public Inversion inversion() {
    return inversion;
  }

  /** All that was decided before the edit. */
  public EditPlan plan() {
    return plan;
  }

  /** What made the edit, and how it read the edit's texts. */
  public ModelIdentity model() {
    return model;
  }

  /** How the picture was made, as it can be kept in a PNG. */
  public PictureParameters parameters() {
    return new PictureParameters(plan.caption(), plan.negativePrompt())
        .with("Steps", plan.steps())
        .with("Sampler", Solver.DDIM.sampler())
        .with("CFG scale", plan.method().settings().get("CFG scale"))
        .with("Seed", plan.seed())
        .with("Size", PictureParameters.size(image))
        .with("Target caption", plan.targetCaption().orElse(null))
        .with("Strength", plan.strength() == 1 ? null : plan.strength())
        .with("Method", plan.method().name())
        .withAll(plan.method().settings())
        .with(model);
  }

  /** Latent of the edit, [1, channels, height, width]. */
  public Tensor edited() {
    return edited;
  }

  /** Latent of the reconstruction, same shape. */
  public Tensor reference() {
    return reference;
  }

  /**
   * Where the edit changes the picture, [1, 1, height, width] of the latent from 0 to 1: the mask
   * that was given, or what the method found out. Empty if it has not asked, as methods that hold
   * nothing do not.
   */
  public Optional<Tensor> mask() {
    return mask;
  }

  /** What the inverted noise leads to without the edit; decoded when first asked for. */
  public BufferedImage reconstruction() {
    return reconstruction.get();
  }

  /** Where the words of the caption look; there if {@link EditPlan#attentionMaps} asks for it. */
  public Optional<AttentionMaps> attention() {
    return attention;
  }

  /** How long the edit took, the inversion not counted. */
  public Duration time() {
    return time;
  }

  /**
   * The most bytes of tensors that the model's backend has held since it was made, weights
   * included.
   */
  public long peakMemory() {
    return peakMemory;
  }
}
