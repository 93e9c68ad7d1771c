package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.unet.PromptRow;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Prompt-to-Prompt (Hertz et al., 2022): the attention maps of the picture are put in the place of
 * the edit's, as {@link PromptToPromptSampler} says. The defaults are those of the published code,
 * but for the alignment and the reference.
 *
 * @param guidanceScale weight of classifier-free guidance; 1 turns it off, less leads towards the
 *     negative prompt; by default 7.5
 * @param maps what becomes of the cross-attention maps; by default what the captions suggest
 * @param alignment which tokens of the two captions correspond; by default common tokens
 * @param crossSteps when cross-attention is edited; by default in the first 0.8 of the steps
 * @param crossStepsOf the same for words of the target caption that have steps of their own
 * @param selfSteps when self-attention is replaced; by default in the first 0.4 of the steps
 * @param selfDownscale the finest sites where it is, by their {@linkplain
 *     io.github.pix2pixzero.unet.AttentionSite#downscale downscale}; by default 4, which is 16 × 16
 *     tokens on Stable Diffusion's latents of 64 × 64
 * @param reweight factors by which maps of words of the target caption are multiplied while they
 *     are edited; 1 changes nothing, 0 hides a word
 * @param blend where alone the edit may differ from the picture; by default everywhere
 * @param reference what the picture is while the edit is drawn; by default its trajectory
 */
public record PromptToPrompt(
    double guidanceScale,
    Maps maps,
    Alignment alignment,
    StepWindow crossSteps,
    ImmutableMap<PromptWord, StepWindow> crossStepsOf,
    StepWindow selfSteps,
    int selfDownscale,
    ImmutableMap<PromptWord, Double> reweight,
    Optional<LocalBlend> blend,
    Reference reference)
    implements EditMethod {
  public static final String NAME = "prompt-to-prompt";

  public static final PromptToPrompt DEFAULTS =
      new PromptToPrompt(
          7.5,
          Maps.BY_CAPTIONS,
          Alignment.COMMON_TOKENS,
          StepWindow.until(0.8),
          ImmutableMap.of(),
          StepWindow.until(0.4),
          4,
          ImmutableMap.of(),
          Optional.empty(),
          Reference.TRAJECTORY);

  /** What becomes of the cross-attention maps, beside {@link #reweight}. */
  public enum Maps {
    /** Refined where the target caption adds words to the caption, elsewhere replaced. */
    BY_CAPTIONS,
    /** Word swap: every token with a counterpart has its map, swapped ones too. */
    REPLACE,
    /** The tokens of both captions have the picture's maps, new ones keep their own. */
    REFINE,
    /** Every token has the map at its own place: for the same caption, re-weighted. */
    IN_PLACE;

    /** As users write it: {@code in-place}. */
    @Override
    public String toString() {
      return asWritten(this);
    }
  }

  /** Which tokens of the two captions correspond. */
  public enum Alignment {
    /** Along the longest common subsequence, see {@link TokenAlignment}. */
    COMMON_TOKENS,
    /** As in the published code, which swaps words in captions of equally many only. */
    PUBLISHED;

    /** As users write it: {@code common-tokens}. */
    @Override
    public String toString() {
      return asWritten(this);
    }
  }

  /** What the picture is at each step, beside which the edit is drawn. */
  public enum Reference {
    /** The latent of its inversion (Ju et al., "Direct Inversion", ICLR 2024). */
    TRAJECTORY,
    /** What denoising its noise with the caption gives, which drifts away from the picture. */
    RECONSTRUCTION,
    /** The same with the embeddings of null-text inversion, for the edit too. */
    NULL_TEXT;

    /** As users write it: {@code null-text}. */
    @Override
    public String toString() {
      return asWritten(this);
    }
  }

  public PromptToPrompt {
    Checks.notNegative("guidance scale", guidanceScale);
    checkNotNull(maps, "maps");
    checkNotNull(alignment, "alignment");
    checkNotNull(reference, "reference");
    checkArgument(
        Integer.bitCount(selfDownscale) == 1 && selfDownscale > 0,
        "a downscale is 1, 2, 4 and so on, not %s",
        selfDownscale);
    reweight.forEach(
        (word, factor) ->
            checkArgument(Double.isFinite(factor), "the weight of %s is %s", word, factor));
  }

  /** The components, while some are changed. */
  private static final class Draft {
    private double guidanceScale;
    private Maps maps;
    private Alignment alignment;
    private StepWindow crossSteps;
    private ImmutableMap<PromptWord, StepWindow> crossStepsOf;
    private StepWindow selfSteps;
    private int selfDownscale;
    private ImmutableMap<PromptWord, Double> reweight;
    private Optional<LocalBlend> blend;
    private Reference reference;
  }

  private PromptToPrompt with(Consumer<Draft> change) {
    Draft draft = new Draft();
    draft.guidanceScale = guidanceScale;
    draft.maps = maps;
    draft.alignment = alignment;
    draft.crossSteps = crossSteps;
    draft.crossStepsOf = crossStepsOf;
    draft.selfSteps = selfSteps;
    draft.selfDownscale = selfDownscale;
    draft.reweight = reweight;
    draft.blend = blend;
    draft.reference = reference;
    change.accept(draft);
    return new PromptToPrompt(
        draft.guidanceScale,
        draft.maps,
        draft.alignment,
        draft.crossSteps,
        draft.crossStepsOf,
        draft.selfSteps,
        draft.selfDownscale,
        draft.reweight,
        draft.blend,
        draft.reference);
  }

  public PromptToPrompt withGuidanceScale(double scale) {
    return with(draft -> draft.guidanceScale = scale);
  }

  public PromptToPrompt withMaps(Maps chosen) {
    return with(draft -> draft.maps = chosen);
  }

  public PromptToPrompt withAlignment(Alignment chosen) {
    return with(draft -> draft.alignment = chosen);
  }

  /** With cross-attention edited in so much of the steps, from the noise on. */
  public PromptToPrompt withCrossSteps(double share) {
    return withCrossSteps(StepWindow.until(share));
  }

  public PromptToPrompt withCrossSteps(StepWindow window) {
    return with(draft -> draft.crossSteps = window);
  }

  /**
   * With steps of its own for each of some words of the target caption.
   *
   * @param windows by word, as {@link PromptWord#of} reads it
   */
  public PromptToPrompt withCrossStepsOf(Map<String, StepWindow> windows) {
    return with(draft -> draft.crossStepsOf = byWord(windows));
  }

  /** With self-attention replaced in so much of the steps, from the noise on. */
  public PromptToPrompt withSelfSteps(double share) {
    return withSelfSteps(StepWindow.until(share));
  }

  public PromptToPrompt withSelfSteps(StepWindow window) {
    return with(draft -> draft.selfSteps = window);
  }

  public PromptToPrompt withSelfDownscale(int finest) {
    return with(draft -> draft.selfDownscale = finest);
  }

  /**
   * With some words of the target caption made stronger or weaker.
   *
   * @param factors by word, as {@link PromptWord#of} reads it
   */
  public PromptToPrompt withReweight(Map<String, Double> factors) {
    return with(draft -> draft.reweight = byWord(factors));
  }

  public PromptToPrompt withBlend(LocalBlend chosen) {
    return with(draft -> draft.blend = Optional.of(chosen));
  }

  public PromptToPrompt withReference(Reference chosen) {
    return with(draft -> draft.reference = chosen);
  }

  private static <T> ImmutableMap<PromptWord, T> byWord(Map<String, T> values) {
    ImmutableMap.Builder<PromptWord, T> words = ImmutableMap.builder();
    values.forEach((word, value) -> words.put(PromptWord.of(word), value));
    return words.buildOrThrow();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ImmutableMap<String, Object> settings() {
    ImmutableMap.Builder<String, Object> settings = ImmutableMap.builder();
    settings.put("CFG scale", guidanceScale);
    settings.put("Maps", maps);
    settings.put("Alignment", alignment);
    settings.put("Cross steps", crossSteps);
    if (!crossStepsOf.isEmpty()) {
      settings.put("Cross steps of", listed(crossStepsOf));
    }
    settings.put("Self steps", selfSteps);
    settings.put("Self downscale", selfDownscale);
    if (!reweight.isEmpty()) {
      settings.put("Reweight", listed(reweight));
    }
    blend.ifPresent(
        local -> {
          settings.put("Blend", local.words());
          settings.put("Blend threshold", local.threshold());
          settings.put("Blend start", local.start());
          local.downscale().ifPresent(layers -> settings.put("Blend downscale", layers));
          if (!local.without().isEmpty()) {
            settings.put("Blend without", local.without());
            settings.put("Blend without threshold", local.withoutThreshold());
          }
        });
    settings.put("Reference", reference);
    return settings.buildOrThrow();
  }

  private static String asWritten(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String listed(Map<PromptWord, ?> values) {
    return values.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(" "));
  }

  @Override
  public void check(EditRequest request) {
    checkArgument(
        request.targetCaption().isPresent(),
        "Prompt-to-Prompt needs a target caption, or words of which the first is in the caption"
            + " \"%s\"",
        request.caption());
    checkArgument(
        reference != Reference.NULL_TEXT || guidanceScale != 1,
        "null-text inversion needs a guidance scale other than 1");
    checkArgument(
        reference == Reference.RECONSTRUCTION || request.invertedSteps() == request.steps(),
        "the picture was inverted in %s steps, it cannot be edited in %s beside its %s",
        request.invertedSteps(),
        request.steps(),
        reference == Reference.TRAJECTORY ? "trajectory" : "null-text reconstruction");
    edit(request);
  }

  /** These settings for the words of two captions. */
  private PromptEdit edit(EditRequest request) {
    return PromptEdit.of(
        this, request.tokenizer(), request.caption(), request.targetCaption().orElseThrow());
  }

  @Override
  public OptionalDouble nullTextScale() {
    return reference == Reference.NULL_TEXT
        ? OptionalDouble.of(guidanceScale)
        : OptionalDouble.empty();
  }

  @Override
  public double passesAStep() {
    int rows = prediction(PromptRow.EDITED).rows().size();
    return reference == Reference.TRAJECTORY ? 1 + rows : 2 * rows;
  }

  PredictionSum prediction(PromptRow row) {
    return PredictionSum.classifierFree(row, guidanceScale);
  }

  @Override
  public LatentPair edit(EditTask task) {
    Trajectory trajectory = task.trajectory();
    ReferenceBranch branch =
        switch (reference) {
          case TRAJECTORY -> ReferenceBranch.along(trajectory);
          case RECONSTRUCTION -> ReferenceBranch.reconstructed(trajectory.noise());
          case NULL_TEXT -> ReferenceBranch.nullText(trajectory.noise(), task.nullText().get());
        };
    return new PromptToPromptSampler(task.unet(), task.schedule())
        .sample(
            branch, task.prompts(), edit(task.request()), task.request().steps(), task.listener());
  }
}
