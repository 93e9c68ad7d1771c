package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.unet.PromptRow;

/**
 * Prompt-to-Prompt (Hertz et al., 2022): the attention maps of the picture are put in the place of
 * the edit's, as {@link PromptToPromptSampler} says. Where the target caption adds words to the
 * caption, the maps are refined, elsewhere replaced. The defaults are those of the published code.
 *
 * @param guidanceScale weight of classifier-free guidance; 1 turns it off, less leads towards the
 *     negative prompt; by default 7.5
 * @param crossSteps share of the steps, from the noise on, in which cross-attention is edited, from
 *     0 to 1; by default 0.8
 * @param selfSteps share of the steps in which self-attention is replaced, from 0 to 1; by default
 *     0.4
 * @param selfDownscale the finest sites where it is, by their {@linkplain
 *     io.github.pix2pixzero.unet.AttentionSite#downscale downscale}; by default 4, which is 16 × 16
 *     tokens on Stable Diffusion's latents of 64 × 64
 */
public record PromptToPrompt(
    double guidanceScale, double crossSteps, double selfSteps, int selfDownscale)
    implements EditMethod {
  public static final String NAME = "prompt-to-prompt";

  public static final PromptToPrompt DEFAULTS = new PromptToPrompt(7.5, 0.8, 0.4, 4);

  public PromptToPrompt {
    Checks.notNegative("guidance scale", guidanceScale);
    checkShare("cross-attention", crossSteps);
    checkShare("self-attention", selfSteps);
    checkArgument(selfDownscale > 0, "a downscale is 1 or more, not %s", selfDownscale);
  }

  private static void checkShare(String name, double share) {
    checkArgument(
        share >= 0 && share <= 1,
        "the share of the steps in which %s is replaced should be 0 to 1, it is %s",
        name,
        share);
  }

  public PromptToPrompt withGuidanceScale(double scale) {
    return new PromptToPrompt(scale, crossSteps, selfSteps, selfDownscale);
  }

  public PromptToPrompt withCrossSteps(double share) {
    return new PromptToPrompt(guidanceScale, share, selfSteps, selfDownscale);
  }

  public PromptToPrompt withSelfSteps(double share) {
    return new PromptToPrompt(guidanceScale, crossSteps, share, selfDownscale);
  }

  public PromptToPrompt withSelfDownscale(int finest) {
    return new PromptToPrompt(guidanceScale, crossSteps, selfSteps, finest);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ImmutableMap<String, Object> settings() {
    return ImmutableMap.of(
        "CFG scale", guidanceScale,
        "Cross steps", crossSteps,
        "Self steps", selfSteps,
        "Self downscale", selfDownscale);
  }

  @Override
  public void check(EditRequest request) {
    checkArgument(
        request.targetCaption().isPresent(),
        "Prompt-to-Prompt needs a target caption, or words of which the first is in the caption"
            + " \"%s\"",
        request.caption());
  }

  @Override
  public double passesAStep() {
    return 2 * prediction(PromptRow.EDITED).rows().size();
  }

  PredictionSum prediction(PromptRow row) {
    return PredictionSum.classifierFree(row, guidanceScale);
  }

  @Override
  public LatentPair edit(EditTask task) {
    EditRequest request = task.request();
    ClipTokenizer tokenizer = request.tokenizer();
    TokenAlignment alignment =
        TokenAlignment.of(
            tokenizer.encode(request.caption()),
            tokenizer.encode(request.targetCaption().orElseThrow()));
    MapEdit maps = request.addsWords() ? MapEdit.refine(alignment) : MapEdit.replace(alignment);
    return new PromptToPromptSampler(task.unet(), task.schedule())
        .sample(
            task.trajectory().noise(),
            task.prompts(),
            maps,
            request.steps(),
            this,
            task.listener());
  }
}
