package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.guidance.EditMethod;
import io.github.pix2pixzero.guidance.Published;
import io.github.pix2pixzero.guidance.Quality;
import io.github.pix2pixzero.guidance.Steering;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.picture.PictureFit;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What to change in a picture, by which method, and what all methods share. What is empty comes
 * from the method, or from the inversion that is edited; {@link Pix2PixZero#plan} says what.
 *
 * <pre>{@code
 * EditOptions.builder().from("cat").to("dog").caption("a cat on a sofa").build()
 * }</pre>
 *
 * @param from the noun to change
 * @param to what to change it to
 * @param sentences about source and target, instead of those that the words lead to
 * @param direction made before, instead of words or sentences
 * @param caption what the picture shows; by default a photo of {@code from}
 * @param targetCaption what the edited picture should show; by default the caption with the source
 *     word replaced by the target word, where it occurs
 * @param negativePrompt what classifier-free guidance leads away from; by default what the method
 *     says, mostly nothing in particular
 * @param steering whether the edit follows the target caption or the direction; by default what the
 *     method says
 * @param strength how far the edit goes from the caption: 0 not at all, 1 as steered (the default),
 *     more is more, negative to the other side. It is not the strength of image-to-image pipelines,
 *     which says how much noise a picture is given.
 * @param method how the picture is edited, with settings of its own
 * @param mask of the size of the picture to edit: white where it may change, black where it should
 *     not, grey in between; by default the edit finds that out
 * @param wordMask instead of a mask, words where whose attention is strong the picture may change
 * @param quality how good the edit should be and so how long it may take: how many steps it takes
 * @param steps of the inversion, and again of the edit, 1 to 999; by default what the quality says,
 *     or as many as the inversion that is edited has, or what the method says: {@link
 *     Quality#STANDARD}'s, and 50 with other methods than the default one
 * @param seed where every random number of the edit comes from; by default 0
 * @param regularization what keeps inverted noise white; by default as published
 * @param fit how a picture is brought to a size that the model can work at; by default cropped
 * @param attentionMaps whether {@link Edit#attention} is asked for; takes another run
 */
public record EditOptions(
    Optional<String> from,
    Optional<String> to,
    Optional<Sentences> sentences,
    Optional<EditDirection> direction,
    Optional<String> caption,
    Optional<String> targetCaption,
    Optional<String> negativePrompt,
    Optional<Steering> steering,
    double strength,
    EditMethod method,
    Optional<BufferedImage> mask,
    Optional<WordMask> wordMask,
    Optional<Quality> quality,
    OptionalInt steps,
    long seed,
    NoiseRegularization regularization,
    PictureFit.Policy fit,
    boolean attentionMaps) {
  /** Sentences about what to change and about what to make of it. */
  public record Sentences(ImmutableList<String> source, ImmutableList<String> target) {
    public Sentences {
      checkArgument(
          !source.isEmpty() && !target.isEmpty(),
          "a direction needs sentences about a source and about a target");
    }
  }

  /**
   * Where words of the caption look: the local blend of Prompt-to-Prompt (Hertz et al., 2022).
   *
   * @param words at least one
   * @param threshold of the words' map, as a share of its range, 0 or more and less than 1; 0.3 is
   *     usual
   */
  public record WordMask(ImmutableList<String> words, double threshold) {
    public WordMask {
      checkArgument(!words.isEmpty(), "a mask of words needs a word");
      checkArgument(
          threshold >= 0 && threshold < 1,
          "the threshold of a mask should be 0 or more and less than 1, it is %s",
          threshold);
    }
  }

  /**
   * @throws IllegalArgumentException if a source has no target or the other way round, two things
   *     say what to change, or a mask is given to a method that takes none
   */
  public EditOptions {
    from.ifPresent(SentenceBank::about); // no blank words
    to.ifPresent(SentenceBank::about);
    checkArgument(
        from.isPresent() == to.isPresent() || targetCaption.isPresent(),
        "an edit needs a source and a target (words or sentences), or a direction, or a target"
            + " caption");
    checkArgument(
        direction.isEmpty() || (from.isEmpty() && to.isEmpty() && sentences.isEmpty()),
        "an edit takes words or sentences or a direction, not several of them");
    checkArgument(Double.isFinite(strength), "the strength should be a number, it is %s", strength);
    checkArgument(
        mask.isEmpty() || wordMask.isEmpty(), "an edit takes one mask, a picture or that of words");
    checkArgument(
        method.takesMask() || (mask.isEmpty() && wordMask.isEmpty()),
        "a mask says where the background is held, but the method %s as it is set holds none",
        method.name());
    steps.ifPresent(
        count ->
            checkArgument(
                count >= 1 && count <= 999,
                "the number of steps should be 1 to 999, it is %s",
                count));
    checkNotNull(regularization, "regularization");
    checkNotNull(fit, "fit");
  }

  /** The defaults: those that did best on pictures whose right answer is known. */
  public static Builder builder() {
    return new Builder();
  }

  /** The options of the published code. */
  public static Builder published() {
    return new Builder().method(Published.DEFAULTS);
  }

  /** A builder that starts from these options. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.from = from;
    builder.to = to;
    builder.sentences = sentences;
    builder.direction = direction;
    builder.caption = caption;
    builder.targetCaption = targetCaption;
    builder.negativePrompt = negativePrompt;
    builder.steering = steering;
    builder.strength = strength;
    builder.method = method;
    builder.mask = mask;
    builder.wordMask = wordMask;
    builder.quality = quality;
    builder.steps = steps;
    builder.seed = seed;
    builder.regularization = regularization;
    builder.fit = fit;
    builder.attentionMaps = attentionMaps;
    return builder;
  }

  /** The caption of a picture that nothing else is known of; empty without any. */
  public String captionOfPicture() {
    return caption.or(() -> from.map(SentenceBank::caption)).orElse("");
  }

  /** Steps of an inversion. */
  public int stepsOfInversion() {
    return chosenSteps().orElseGet(method::usualSteps);
  }

  /** The steps that were chosen, or those of the quality that was. */
  OptionalInt chosenSteps() {
    return steps.isPresent() || quality.isEmpty() ? steps : OptionalInt.of(quality.get().steps());
  }

  /**
   * Whether an edit needs the picture's way to noise: for its method, or to see where words look.
   */
  public boolean inverts() {
    return method.inverts() || wordMask.isPresent() || attentionMaps;
  }

  /** The sentences that were given, or those that the words lead to. */
  public Optional<Sentences> allSentences() {
    if (sentences.isPresent() || from.isEmpty() || to.isEmpty()) {
      return sentences;
    }
    // Both words are of one kind, so that their sentences differ in nothing else.
    SentenceBank.Kind kind = SentenceBank.Kind.of(from.get());
    if (kind == SentenceBank.Kind.NOUN) {
      kind = SentenceBank.Kind.of(to.get());
    }
    return Optional.of(
        new Sentences(SentenceBank.about(from.get(), kind), SentenceBank.about(to.get(), kind)));
  }

  /** The same with a direction that alone says what to change. */
  EditOptions along(EditDirection made) {
    Builder builder = toBuilder().direction(made);
    builder.from = Optional.empty();
    builder.to = Optional.empty();
    builder.sentences = Optional.empty();
    builder.targetCaption = Optional.empty();
    return builder.caption(captionOfPicture()).build();
  }

  /** Collects options. */
  public static final class Builder {
    private Optional<String> from = Optional.empty();
    private Optional<String> to = Optional.empty();
    private Optional<Sentences> sentences = Optional.empty();
    private Optional<EditDirection> direction = Optional.empty();
    private Optional<String> caption = Optional.empty();
    private Optional<String> targetCaption = Optional.empty();
    private Optional<String> negativePrompt = Optional.empty();
    private Optional<Steering> steering = Optional.empty();
    private double strength = 1;
    private EditMethod method = BesideTrajectory.DEFAULTS;
    private Optional<BufferedImage> mask = Optional.empty();
    private Optional<WordMask> wordMask = Optional.empty();
    private Optional<Quality> quality = Optional.empty();
    private OptionalInt steps = OptionalInt.empty();
    private long seed;
    private NoiseRegularization regularization = NoiseRegularization.PUBLISHED;
    private PictureFit.Policy fit = PictureFit.Policy.CROP;
    private boolean attentionMaps;

    private Builder() {}

    private static <T> Optional<T> given(T value, String name) {
      return Optional.of(checkNotNull(value, name));
    }

    /** The noun to change, such as {@code cat}. */
    public Builder from(String word) {
      from = given(word, "from");
      return this;
    }

    /** What to change it to, such as {@code dog}. */
    public Builder to(String word) {
      to = given(word, "to");
      return this;
    }

    public Builder sentences(List<String> source, List<String> target) {
      sentences =
          Optional.of(new Sentences(ImmutableList.copyOf(source), ImmutableList.copyOf(target)));
      return this;
    }

    public Builder direction(EditDirection made) {
      direction = given(made, "direction");
      return this;
    }

    public Builder caption(String text) {
      caption = given(text, "caption");
      return this;
    }

    public Builder targetCaption(String text) {
      targetCaption = given(text, "target caption");
      return this;
    }

    public Builder negativePrompt(String text) {
      negativePrompt = given(text, "negative prompt");
      return this;
    }

    public Builder steering(Steering chosen) {
      steering = given(chosen, "steering");
      return this;
    }

    public Builder strength(double factor) {
      strength = factor;
      return this;
    }

    public Builder method(EditMethod chosen) {
      method = checkNotNull(chosen, "method");
      return this;
    }

    public Builder mask(BufferedImage picture) {
      mask = given(picture, "mask");
      return this;
    }

    public Builder maskWords(double threshold, String... words) {
      for (String word : words) {
        checkNotNull(word, "word");
      }
      wordMask = Optional.of(new WordMask(ImmutableList.copyOf(words), threshold));
      return this;
    }

    public Builder quality(Quality chosen) {
      quality = given(chosen, "quality");
      return this;
    }

    public Builder steps(int count) {
      steps = OptionalInt.of(count);
      return this;
    }

    public Builder seed(long number) {
      seed = number;
      return this;
    }

    public Builder regularization(NoiseRegularization chosen) {
      regularization = checkNotNull(chosen, "regularization");
      return this;
    }

    public Builder fit(PictureFit.Policy policy) {
      fit = checkNotNull(policy, "fit");
      return this;
    }

    public Builder attentionMaps(boolean wanted) {
      attentionMaps = wanted;
      return this;
    }

    /**
     * Without a direction, words, sentences or a target caption the options serve to invert, or to
     * edit along directions given by themselves.
     *
     * @throws IllegalArgumentException if the options contradict one another
     */
    public EditOptions build() {
      return new EditOptions(
          from,
          to,
          sentences,
          direction,
          caption,
          targetCaption,
          negativePrompt,
          steering,
          strength,
          method,
          mask,
          wordMask,
          quality,
          steps,
          seed,
          regularization,
          fit,
          attentionMaps);
    }
  }
}
