package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.guidance.GuidedSampler.Listener;
import io.github.pix2pixzero.guidance.GuidedSampler.Prompts;
import io.github.pix2pixzero.guidance.GuidedSampler.Result;
import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;

/**
 * Draws two pictures from one noise in lockstep, the second with another prompt and the attention
 * maps of the first (Hertz et al., "Prompt-to-Prompt", 2022, algorithm 1).
 */
public final class PromptToPromptSampler {
  private final UNet2DConditionModel unet;
  private final NoiseSchedule schedule;

  public PromptToPromptSampler(UNet2DConditionModel unet, NoiseSchedule schedule) {
    this.unet = unet;
    this.schedule = schedule;
  }

  /**
   * How to sample. The defaults of the published code are 50 steps, a guidance scale of 7.5, 0.8
   * and 0.4, and self-attention from 16 × 16 tokens down, which is a downscale of 4 on Stable
   * Diffusion's 64 × 64.
   *
   * @param steps denoising steps
   * @param guidanceScale weight of classifier-free guidance; 1 turns it off
   * @param crossSteps share of the steps, from the noise on, in which cross-attention is edited
   * @param selfSteps share of the steps in which self-attention is replaced
   * @param selfDownscale the finest {@linkplain AttentionSite#downscale sites} where it is
   */
  public record Settings(
      int steps, double guidanceScale, double crossSteps, double selfSteps, int selfDownscale) {
    public Settings {
      checkArgument(steps > 0, "the number of steps should be at least 1, it is %s", steps);
      checkArgument(guidanceScale >= 0, "guidance scale %s is negative", guidanceScale);
      checkArgument(
          crossSteps >= 0 && crossSteps <= 1 && selfSteps >= 0 && selfSteps <= 1,
          "shares of the steps should be 0 to 1, they are %s and %s",
          crossSteps,
          selfSteps);
      checkArgument(selfDownscale > 0, "a downscale of %s", selfDownscale);
    }
  }

  /**
   * Samples from the noise to both pictures.
   *
   * @param noise [1, channels, height, width]
   * @param edit made from an alignment of the token ids of both prompts
   * @return both latents, in the caller's scope
   */
  public Result sample(
      Tensor noise, Prompts prompts, PromptToPrompt edit, Settings settings, Listener listener) {
    checkArgument(noise.dim(0) == 1, "one latent at a time, got %s", noise.shape());
    DdimScheduler scheduler = new DdimScheduler(schedule, settings.steps());
    int[] timesteps = scheduler.timesteps();
    TextContext context = context(prompts.prompt(), prompts, settings);
    TextContext editedContext = context(prompts.edited(), prompts, settings);
    Result current = new Result(noise, noise);
    for (int i = 0; i < timesteps.length; i++) {
      try (Scope step = Scope.open()) {
        int t = timesteps[i];
        boolean cross = i < settings.crossSteps() * settings.steps();
        boolean self = i < settings.selfSteps() * settings.steps();
        MapRecorder maps =
            new MapRecorder(site -> site.isCross() ? cross : self && isCoarse(site, settings));
        Tensor predicted = predict(current.reference(), t, context, maps, settings);
        Tensor reference = scheduler.step(predicted, t, current.reference());
        AttentionControl control =
            edit.control(maps, cross, site -> self && isCoarse(site, settings));
        predicted = predict(current.edited(), t, editedContext, control, settings);
        Tensor edited = scheduler.step(predicted, t, current.edited());
        if (i > 0) {
          Scope.release(current.reference());
          Scope.release(current.edited());
        }
        current = new Result(step.keep(reference), step.keep(edited));
        listener.stepped(i, timesteps.length, current);
      }
    }
    return current;
  }

  private static boolean isCoarse(AttentionSite site, Settings settings) {
    return site.downscale() >= settings.selfDownscale();
  }

  /** The prompt's row comes first: it is the one that is edited. */
  private static TextContext context(Tensor prompt, Prompts prompts, Settings settings) {
    return new TextContext(
        settings.guidanceScale() == 1 ? prompt : Tensor.concat(0, prompt, prompts.negative()));
  }

  private Tensor predict(
      Tensor latent,
      int timestep,
      TextContext context,
      AttentionControl control,
      Settings settings) {
    if (settings.guidanceScale() == 1) {
      return unet.forward(latent, timestep, context, control);
    }
    Tensor both = unet.forward(Tensor.concat(0, latent, latent), timestep, context, control);
    Tensor unconditional = both.slice(0, 1, 2);
    Tensor difference = both.slice(0, 0, 1).sub(unconditional);
    return unconditional.add(difference.mul((float) settings.guidanceScale()));
  }
}
