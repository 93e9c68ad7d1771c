package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.guidance.GradientMode;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import java.util.List;
import java.util.Optional;

/**
 * What to change in a picture, and how. Immutable; the defaults are those published for real
 * pictures.
 *
 * <pre>{@code
 * EditOptions.builder().from("cat").to("dog").caption("a cat on a sofa").build()
 * }</pre>
 */
public final class EditOptions {
  private final EditDirection direction;
  private final ImmutableList<String> sourceSentences;
  private final ImmutableList<String> targetSentences;
  private final String caption;
  private final String negativePrompt;
  private final int steps;
  private final double guidanceScale;
  private final double guidanceAmount;
  private final GradientMode gradientMode;
  private final NoiseRegularization regularization;
  private final long seed;

  private EditOptions(Builder builder) {
    direction = builder.direction;
    sourceSentences = builder.sourceSentences;
    targetSentences = builder.targetSentences;
    caption = builder.caption;
    negativePrompt = builder.negativePrompt == null ? caption : builder.negativePrompt;
    steps = builder.steps;
    guidanceScale = builder.guidanceScale;
    guidanceAmount = builder.guidanceAmount;
    gradientMode = builder.gradientMode;
    regularization = builder.regularization;
    seed = builder.seed;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The options of the published code for real pictures. */
  public static Builder published() {
    return new Builder();
  }

  /** A direction made before; where there is none, it comes from the sentences. */
  public Optional<EditDirection> direction() {
    return Optional.ofNullable(direction);
  }

  public ImmutableList<String> sourceSentences() {
    return sourceSentences;
  }

  public ImmutableList<String> targetSentences() {
    return targetSentences;
  }

  /** What the picture shows, for its inversion and as the prompt that is edited. */
  public String caption() {
    return caption;
  }

  /** What classifier-free guidance leads away from; by default the caption. */
  public String negativePrompt() {
    return negativePrompt;
  }

  /** Steps of the inversion, and again of the edit. */
  public int steps() {
    return steps;
  }

  /** Weight of classifier-free guidance in the edit; 1 or less turns it off. */
  public double guidanceScale() {
    return guidanceScale;
  }

  /** How far each step goes along the gradient of the attention loss; 0 turns it off. */
  public double guidanceAmount() {
    return guidanceAmount;
  }

  public GradientMode gradientMode() {
    return gradientMode;
  }

  public NoiseRegularization regularization() {
    return regularization;
  }

  /** Where every random number of the edit comes from. */
  public long seed() {
    return seed;
  }

  /** Collects options; every value is checked as it is set. */
  public static final class Builder {
    private String from;
    private EditDirection direction;
    private ImmutableList<String> sourceSentences = ImmutableList.of();
    private ImmutableList<String> targetSentences = ImmutableList.of();
    private String caption;
    private String negativePrompt;
    private int steps = 50;
    private double guidanceScale = 5;
    private double guidanceAmount = 0.1;
    private GradientMode gradientMode = GradientMode.REFERENCE;
    private NoiseRegularization regularization = NoiseRegularization.PUBLISHED;
    private long seed;

    private Builder() {}

    /** The noun to change, such as {@code cat}. Its sentences come from the built-in bank. */
    public Builder from(String word) {
      from = word;
      sourceSentences = SentenceBank.about(word);
      return this;
    }

    /** What to change it to, such as {@code dog}. */
    public Builder to(String word) {
      targetSentences = SentenceBank.about(word);
      return this;
    }

    /** Sentences about the source and about the target, instead of two words. */
    public Builder sentences(List<String> source, List<String> target) {
      sourceSentences = ImmutableList.copyOf(source);
      targetSentences = ImmutableList.copyOf(target);
      return this;
    }

    /** A direction made before, instead of words or sentences. */
    public Builder direction(EditDirection made) {
      direction = checkNotNull(made, "direction");
      return this;
    }

    /** What the picture shows; by default a photo of the word given as {@link #from}. */
    public Builder caption(String text) {
      caption = checkNotNull(text, "caption");
      return this;
    }

    public Builder negativePrompt(String text) {
      negativePrompt = checkNotNull(text, "negative prompt");
      return this;
    }

    public Builder steps(int count) {
      checkArgument(
          count >= 1 && count <= 999, "the number of steps should be 1 to 999, it is %s", count);
      steps = count;
      return this;
    }

    public Builder guidanceScale(double scale) {
      checkArgument(
          scale >= 0 && Double.isFinite(scale),
          "the guidance scale should be 0 or more, it is %s",
          scale);
      guidanceScale = scale;
      return this;
    }

    public Builder guidanceAmount(double amount) {
      checkArgument(
          amount >= 0 && Double.isFinite(amount),
          "the guidance amount should be 0 or more, it is %s",
          amount);
      guidanceAmount = amount;
      return this;
    }

    public Builder gradientMode(GradientMode mode) {
      gradientMode = checkNotNull(mode, "gradient mode");
      return this;
    }

    public Builder regularization(NoiseRegularization chosen) {
      regularization = checkNotNull(chosen, "regularization");
      return this;
    }

    public Builder seed(long number) {
      seed = number;
      return this;
    }

    /**
     * @throws IllegalArgumentException if nothing says what to change, or two things do
     */
    public EditOptions build() {
      boolean sentences = !sourceSentences.isEmpty() && !targetSentences.isEmpty();
      checkArgument(
          direction != null || sentences,
          "an edit needs a source and a target (words or sentences), or a direction");
      checkArgument(
          direction == null || (sourceSentences.isEmpty() && targetSentences.isEmpty()),
          "an edit takes words or sentences or a direction, not several of them");
      if (caption == null) {
        caption = from == null ? "" : SentenceBank.caption(from);
      }
      return new EditOptions(this);
    }
  }
}
