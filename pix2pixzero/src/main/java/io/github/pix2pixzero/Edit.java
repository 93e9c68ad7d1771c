package io.github.pix2pixzero;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.Optional;

/** An edited picture and how it came about. Immutable; its pictures are shared, not copied. */
public final class Edit {
  private final BufferedImage image;
  private final Inversion inversion;
  private final EditOptions options;
  private final Optional<String> followedCaption;
  private final Tensor edited;
  private final Tensor reference;
  private final Supplier<BufferedImage> reconstruction;
  private final Optional<AttentionMaps> attention;
  private final Duration time;
  private final long peakMemory;

  Edit(
      BufferedImage image,
      Inversion inversion,
      EditOptions options,
      Optional<String> followedCaption,
      Tensor edited,
      Tensor reference,
      Supplier<BufferedImage> reconstruction,
      Optional<AttentionMaps> attention,
      Duration time,
      long peakMemory) {
    this.image = image;
    this.inversion = inversion;
    this.options = options;
    this.followedCaption = followedCaption;
    this.edited = edited;
    this.reference = reference;
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

  /** Latent of the edit, [1, channels, height, width]. */
  public Tensor edited() {
    return edited;
  }

  /** Latent of the reconstruction, same shape. */
  public Tensor reference() {
    return reference;
  }

  /** What the inverted noise leads to without the edit; decoded when first asked for. */
  public BufferedImage reconstruction() {
    return reconstruction.get();
  }

  /**
   * Where the words of the caption look; there if {@link EditOptions#attentionMaps} asks for it.
   */
  public Optional<AttentionMaps> attention() {
    return attention;
  }

  /** Of the random numbers. */
  public long seed() {
    return options.seed();
  }

  /** What the picture was said to show. */
  public String caption() {
    return options.captionFor(inversion);
  }

  /** The caption that the edit followed; empty if it followed a direction. */
  public Optional<String> followedCaption() {
    return followedCaption;
  }

  /** What classifier-free guidance led away from. */
  public String negativePrompt() {
    return options.negativePromptFor(inversion);
  }

  /** Steps of the edit. */
  public int steps() {
    return options.stepsFor(inversion);
  }

  /** How far each step went along the gradient of the attention loss. */
  public double guidanceAmount() {
    return options.guidanceAmountFor(inversion);
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
