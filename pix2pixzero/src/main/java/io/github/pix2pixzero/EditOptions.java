package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.guidance.GradientMode;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.picture.PictureFit;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What to change in a picture, and how. Immutable; the defaults are those published for real
 * pictures.
 *
 * <pre>{@code
 * EditOptions.builder().from("cat").to("dog").caption("a cat on a sofa").build()
 * }</pre>
 */
public final class EditOptions {
  /** Of edit_synthetic.py in the authors' code, where real pictures have 0.1. */
  private static final double PUBLISHED_AMOUNT_FOR_GENERATED = 0.15;

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
  private final PictureFit.Policy fit;
  private final boolean attentionMaps;
  private final ImmutableSet<Chosen> chosen;

  /** What an edit takes from its inversion unless it was chosen. */
  private enum Chosen {
    CAPTION,
    NEGATIVE_PROMPT,
    STEPS,
    GUIDANCE_AMOUNT
  }

  private EditOptions(Builder builder) {
    direction = builder.direction;
    sourceSentences = builder.sourceSentences;
    targetSentences = builder.targetSentences;
    caption =
        builder.caption != null
            ? builder.caption
            : builder.from == null ? "" : SentenceBank.caption(builder.from);
    negativePrompt = builder.negativePrompt == null ? caption : builder.negativePrompt;
    steps = builder.steps;
    guidanceScale = builder.guidanceScale;
    guidanceAmount = builder.guidanceAmount;
    gradientMode = builder.gradientMode;
    regularization = builder.regularization;
    seed = builder.seed;
    fit = builder.fit;
    attentionMaps = builder.attentionMaps;
    chosen = Sets.immutableEnumSet(builder.chosen);
  }

  public static Builder builder() {
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

  /** How a picture is brought to a size that the model can work at. */
  public PictureFit.Policy fit() {
    return fit;
  }

  /** Whether the edit is to show where the words of the caption look; takes another run. */
  public boolean attentionMaps() {
    return attentionMaps;
  }

  // ------------------------------------------------------------------ with what an edit starts
  // from

  String captionFor(Inversion inversion) {
    return chosen.contains(Chosen.CAPTION) || inversion.caption().isEmpty()
        ? caption
        : inversion.caption();
  }

  /** Of generated pictures the empty prompt, as published, of others the caption. */
  String negativePromptFor(Inversion inversion) {
    if (chosen.contains(Chosen.NEGATIVE_PROMPT)) {
      return negativePrompt;
    }
    return inversion.isGenerated() ? "" : captionFor(inversion);
  }

  int stepsFor(Inversion inversion) {
    return chosen.contains(Chosen.STEPS) ? steps : inversion.steps();
  }

  double guidanceAmountFor(Inversion inversion) {
    return inversion.isGenerated() && !chosen.contains(Chosen.GUIDANCE_AMOUNT)
        ? PUBLISHED_AMOUNT_FOR_GENERATED
        : guidanceAmount;
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
    private PictureFit.Policy fit = PictureFit.Policy.CROP;
    private boolean attentionMaps;
    private final Set<Chosen> chosen = EnumSet.noneOf(Chosen.class);

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
      chosen.add(Chosen.CAPTION);
      return this;
    }

    public Builder negativePrompt(String text) {
      negativePrompt = checkNotNull(text, "negative prompt");
      chosen.add(Chosen.NEGATIVE_PROMPT);
      return this;
    }

    public Builder steps(int count) {
      checkArgument(
          count >= 1 && count <= 999, "the number of steps should be 1 to 999, it is %s", count);
      steps = count;
      chosen.add(Chosen.STEPS);
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
      chosen.add(Chosen.GUIDANCE_AMOUNT);
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

    /** How a picture is brought to a size that the model can work at; by default cropped. */
    public Builder fit(PictureFit.Policy policy) {
      fit = checkNotNull(policy, "fit policy");
      return this;
    }

    /** Asks for {@link Edit#attention}. */
    public Builder attentionMaps(boolean wanted) {
      attentionMaps = wanted;
      return this;
    }

    /**
     * Without a direction, words or sentences the options serve to invert, or to edit along
     * directions given by themselves.
     *
     * @throws IllegalArgumentException if a source has no target or the other way round, or two
     *     things say what to change
     */
    public EditOptions build() {
      checkArgument(
          sourceSentences.isEmpty() == targetSentences.isEmpty(),
          "an edit needs both a source and a target (words or sentences), or a direction");
      checkArgument(
          direction == null || sourceSentences.isEmpty(),
          "an edit takes words or sentences or a direction, not several of them");
      return new EditOptions(this);
    }
  }
}
