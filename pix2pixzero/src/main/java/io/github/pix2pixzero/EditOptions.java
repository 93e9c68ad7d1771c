package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.guidance.CrossAttentionLoss;
import io.github.pix2pixzero.guidance.GradientMode;
import io.github.pix2pixzero.guidance.GuidanceLoss;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.picture.PictureFit;
import java.awt.image.BufferedImage;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What to change in a picture, and how. Immutable. The defaults are those that did best on pictures
 * whose right answer is known, see {@code docs/ablation.md}; {@link #published} are those of the
 * published code.
 *
 * <pre>{@code
 * EditOptions.builder().from("cat").to("dog").caption("a cat on a sofa").build()
 * }</pre>
 */
public final class EditOptions {
  /** Of edit_synthetic.py in the authors' code, where real pictures have 0.1. */
  private static final double PUBLISHED_AMOUNT_FOR_GENERATED = 0.15;

  private final boolean published;
  private final String from;
  private final String to;
  private final EditDirection direction;
  private final ImmutableList<String> sourceSentences;
  private final ImmutableList<String> targetSentences;
  private final String caption;
  private final String negativePrompt;
  private final String targetCaption;
  private final Steering steering;
  private final double strength;
  private final ReferenceMode reference;
  private final boolean holdBackground;
  private final BufferedImage mask;
  private final ImmutableList<String> maskWords;
  private final double maskThreshold;
  private final boolean makeRoom;
  private final double contrast;
  private final GuidanceLoss loss;
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
    published = builder.published;
    from = builder.from;
    to = builder.to;
    direction = builder.direction;
    sourceSentences = builder.sourceSentences;
    targetSentences = builder.targetSentences;
    caption =
        builder.caption != null ? builder.caption : from == null ? "" : SentenceBank.caption(from);
    negativePrompt = builder.negativePrompt;
    targetCaption = builder.targetCaption;
    steering = builder.steering;
    strength = builder.strength;
    reference = builder.reference;
    holdBackground = builder.holdBackground;
    mask = builder.mask;
    maskWords = builder.maskWords;
    maskThreshold = builder.maskThreshold;
    makeRoom = builder.makeRoom;
    loss = builder.loss;
    contrast = builder.contrast;
    steps = builder.steps;
    guidanceScale = builder.guidanceScale;
    guidanceAmount = builder.guidanceAmount;
    gradientMode = builder.gradientMode == null ? GradientMode.FULL : builder.gradientMode;
    regularization = builder.regularization;
    seed = builder.seed;
    fit = builder.fit;
    attentionMaps = builder.attentionMaps;
    chosen = Sets.immutableEnumSet(builder.chosen);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The options of the published code. Of generated pictures the guidance amount is 0.15. */
  public static Builder published() {
    Builder builder =
        new Builder()
            .steering(Steering.DIRECTION)
            .reference(ReferenceMode.RECONSTRUCTION)
            .holdBackground(false)
            .contrast(0)
            .guidanceScale(5)
            .guidanceAmount(0.1)
            .gradientMode(GradientMode.REFERENCE)
            .regularization(NoiseRegularization.PUBLISHED);
    builder.published = true;
    builder.chosen.clear();
    return builder;
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

  /** What the edited picture shows, if that is known. */
  public Optional<String> targetCaption() {
    return targetCaptionFor(caption);
  }

  public Steering steering() {
    return steering;
  }

  /** How far the edit goes from the caption: 0 not at all, 1 as steered, more is more. */
  public double strength() {
    return strength;
  }

  public ReferenceMode reference() {
    return reference;
  }

  /** Whether the latent is held to the picture's where the edit has nothing to change. */
  public boolean holdBackground() {
    return holdBackground;
  }

  /** Where the picture may change; without it, the edit finds that out. */
  public Optional<BufferedImage> mask() {
    return Optional.ofNullable(mask);
  }

  /** Words of the caption where whose maps are strong the picture may change; mostly none. */
  public ImmutableList<String> maskWords() {
    return maskWords;
  }

  /** How strong, as a share of the largest value of the words' map. */
  public double maskThreshold() {
    return maskThreshold;
  }

  /** What the edit should have in common with the picture; its gradient guides. */
  public GuidanceLoss loss() {
    return loss;
  }

  /** Whether guidance lets go where words added to the caption change the picture. */
  public boolean makeRoom() {
    return makeRoom;
  }

  /** How strongly the edit leads away from the caption towards what it changes. */
  public double contrast() {
    return contrast;
  }

  /**
   * What classifier-free guidance leads away from; by default nothing in particular, in the
   * published options the caption.
   */
  public String negativePrompt() {
    if (chosen.contains(Chosen.NEGATIVE_PROMPT)) {
      return negativePrompt;
    }
    return published ? caption : "";
  }

  /** Steps of the inversion, and again of the edit. */
  public int steps() {
    return steps;
  }

  /** Weight of classifier-free guidance in the edit; 1 or less turns it off. */
  public double guidanceScale() {
    return guidanceScale;
  }

  /**
   * How far each step goes along the gradient of the attention loss; 0 turns it off. Beside a
   * trajectory the loss is averaged over the attention layers, beside a reconstruction it is their
   * sum, as published.
   */
  public double guidanceAmount() {
    return guidanceAmount;
  }

  /** Which gradient that is beside a reconstruction; beside a trajectory there is but one. */
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

  // ------------------------------------------------------------------ as the inversion has it

  String captionFor(Inversion inversion) {
    return chosen.contains(Chosen.CAPTION) || inversion.caption().isEmpty()
        ? caption
        : inversion.caption();
  }

  /** The caption that was given, or one in which the target word replaces the source word. */
  Optional<String> targetCaptionFor(String picture) {
    if (targetCaption != null || from == null || to == null) {
      return Optional.ofNullable(targetCaption);
    }
    return Captions.replaced(picture, from.strip(), to.strip());
  }

  /** Whether an edit of a picture with a caption follows another caption, not a direction. */
  boolean followsCaption(String picture) {
    return steering == Steering.CAPTION && targetCaptionFor(picture).isPresent();
  }

  /** As published: the caption, but of generated pictures the empty prompt. */
  String negativePromptFor(Inversion inversion) {
    if (chosen.contains(Chosen.NEGATIVE_PROMPT)) {
      return negativePrompt;
    }
    return published && !inversion.isGenerated() ? captionFor(inversion) : "";
  }

  int stepsFor(Inversion inversion) {
    return chosen.contains(Chosen.STEPS) ? steps : inversion.steps();
  }

  double guidanceAmountFor(Inversion inversion) {
    return published && inversion.isGenerated() && !chosen.contains(Chosen.GUIDANCE_AMOUNT)
        ? PUBLISHED_AMOUNT_FOR_GENERATED
        : guidanceAmount;
  }

  /** Collects options; every value is checked as it is set. */
  public static final class Builder {
    private boolean published;
    private String from;
    private String to;
    private EditDirection direction;
    private ImmutableList<String> sourceSentences = ImmutableList.of();
    private ImmutableList<String> targetSentences = ImmutableList.of();
    private String caption;
    private String negativePrompt;
    private String targetCaption;
    private Steering steering = Steering.CAPTION;
    private double strength = 1;
    private ReferenceMode reference = ReferenceMode.TRAJECTORY;
    private boolean holdBackground = true;
    private BufferedImage mask;
    private ImmutableList<String> maskWords = ImmutableList.of();
    private double maskThreshold;
    private GuidanceLoss loss = new CrossAttentionLoss();
    private boolean makeRoom = true;
    private double contrast = 1;
    private int steps = 50;
    private double guidanceScale = 3;
    private double guidanceAmount = 5;
    private GradientMode gradientMode;
    private NoiseRegularization regularization = NoiseRegularization.PUBLISHED;
    private long seed;
    private PictureFit.Policy fit = PictureFit.Policy.CROP;
    private boolean attentionMaps;
    private final Set<Chosen> chosen = EnumSet.noneOf(Chosen.class);

    private Builder() {}

    /** The noun to change, such as {@code cat}. Its sentences come from the built-in bank. */
    public Builder from(String word) {
      from = word;
      return words();
    }

    /** What to change it to, such as {@code dog}. */
    public Builder to(String word) {
      to = word;
      return words();
    }

    /** Both words are of one kind, so that their sentences differ in nothing else. */
    private Builder words() {
      SentenceBank.Kind kind = from == null ? SentenceBank.Kind.NOUN : SentenceBank.Kind.of(from);
      if (to != null && kind == SentenceBank.Kind.NOUN) {
        kind = SentenceBank.Kind.of(to);
      }
      if (from != null) {
        sourceSentences = SentenceBank.about(from, kind);
      }
      if (to != null) {
        targetSentences = SentenceBank.about(to, kind);
      }
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

    /**
     * What the edited picture should show. By default the caption with the source word replaced by
     * the target word, where it occurs.
     */
    public Builder targetCaption(String text) {
      targetCaption = checkNotNull(text, "target caption");
      return this;
    }

    /** Whether the edit follows the target caption, as by default, or the direction. */
    public Builder steering(Steering chosen) {
      steering = checkNotNull(chosen, "steering");
      return this;
    }

    /**
     * How far the edit goes from the caption; 1 by default, negative to the other side. Not the
     * strength of img2img, which says how much noise is added: pictures are inverted in full.
     */
    public Builder strength(double factor) {
      checkArgument(Double.isFinite(factor), "the strength should be a number, it is %s", factor);
      strength = factor;
      return this;
    }

    /** What the edit is held against: by default the trajectory of the inversion. */
    public Builder reference(ReferenceMode chosen) {
      reference = checkNotNull(chosen, "reference");
      return this;
    }

    /**
     * Whether what the edit has no business with stays exactly as it is; needs the trajectory as
     * reference. On by default.
     */
    public Builder holdBackground(boolean held) {
      holdBackground = held;
      return this;
    }

    /**
     * Holds what is black in a mask, instead of finding out what the edit has no business with.
     *
     * @param picture of the size of the picture to edit: white where it may change, black where it
     *     should not, grey in between
     */
    public Builder mask(BufferedImage picture) {
      mask = checkNotNull(picture, "mask");
      return this;
    }

    /**
     * Holds what words of the caption do not look at, instead of finding out what the edit has no
     * business with: the local blend of Prompt-to-Prompt (Hertz et al., 2022).
     *
     * @param threshold of the words' map, as a share of its range from 0 to 1; 0.3 is usual
     */
    public Builder maskWords(double threshold, String... words) {
      checkArgument(
          threshold >= 0 && threshold < 1,
          "the threshold of a mask should be 0 or more and less than 1, it is %s",
          threshold);
      maskThreshold = threshold;
      maskWords = ImmutableList.copyOf(words);
      return this;
    }

    /** The guidance loss: by default the paper's, on cross-attention. */
    public Builder loss(GuidanceLoss chosen) {
      loss = checkNotNull(chosen, "loss");
      return this;
    }

    /**
     * Whether guidance lets go where the picture changes most, of edits that add words to the
     * caption: "a dog" to "a dog with a hat". On by default.
     */
    public Builder makeRoom(boolean made) {
      makeRoom = made;
      return this;
    }

    public Builder contrast(double weight) {
      checkArgument(
          weight >= 0 && Double.isFinite(weight),
          "the contrast should be 0 or more, it is %s",
          weight);
      contrast = weight;
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

    /** Which gradient guides beside a reconstruction. */
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
          sourceSentences.isEmpty() == targetSentences.isEmpty() || targetCaption != null,
          "an edit needs a source and a target (words or sentences), or a direction, or a target"
              + " caption");
      checkArgument(
          reference == ReferenceMode.TRAJECTORY || (!holdBackground && contrast == 0),
          "beside a reconstruction the background is not held and the contrast is 0");
      checkArgument(
          holdBackground || (mask == null && maskWords.isEmpty()),
          "a mask says where the background is held, but it is not held");
      checkArgument(
          mask == null || maskWords.isEmpty(),
          "an edit takes one mask, a picture or that of words");
      checkArgument(
          reference == ReferenceMode.RECONSTRUCTION || gradientMode == null,
          "there is a choice of gradient beside a reconstruction only, as in the published"
              + " options");
      checkArgument(
          direction == null || sourceSentences.isEmpty(),
          "an edit takes words or sentences or a direction, not several of them");
      return new EditOptions(this);
    }
  }
}
