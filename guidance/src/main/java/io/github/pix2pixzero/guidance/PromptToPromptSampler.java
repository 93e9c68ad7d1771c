package io.github.pix2pixzero.guidance;

import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.FinitePredictions;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.inversion.StepLoop;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Draws two pictures from one noise in lockstep, the second with another prompt and the attention
 * maps of the first (Hertz et al., "Prompt-to-Prompt", 2022, algorithm 1). The first is drawn too,
 * or the latents of a trajectory are in its place.
 */
public final class PromptToPromptSampler {
  private final UNet2DConditionModel unet;
  private final NoiseSchedule schedule;

  public PromptToPromptSampler(UNet2DConditionModel unet, NoiseSchedule schedule) {
    this.unet = unet;
    this.schedule = schedule;
  }

  /**
   * Samples from the noise to both pictures.
   *
   * @param prompts caption, negative and edited
   * @param edit of the captions whose embeddings the prompts are
   * @return both latents, in the caller's scope; a trajectory's picture is its own
   * @throws IllegalArgumentException if the branch has another number of steps
   */
  public LatentPair sample(
      ReferenceBranch branch,
      Prompts prompts,
      PromptEdit edit,
      int steps,
      StepListener<LatentPair> listener) {
    branch.check(steps);
    DdimScheduler scheduler = new DdimScheduler(schedule, steps);
    Tensor noise = branch.noise();
    try (Scope scope = Scope.open()) {
      Step step = new Step(branch, prompts, edit, scheduler, steps);
      LatentPair result =
          new StepLoop<>(scheduler.timesteps(), step::made, listener)
              .run(new LatentPair(noise, noise), step);
      step.made(result).forEach(scope::keep);
      return result;
    }
  }

  /** A step of both pictures. */
  private final class Step implements StepLoop.Step<LatentPair> {
    private final ReferenceBranch branch;
    private final Prompts prompts;
    private final PromptEdit edit;
    private final DdimScheduler scheduler;
    private final int steps;
    private final Optional<BlendMasks> blend;
    private final PredictionSum ofReference;
    private final PredictionSum ofEdited;
    private final Contexts shared;
    private boolean begun;

    private record Contexts(TextContext reference, TextContext edited) {}

    Step(
        ReferenceBranch branch,
        Prompts prompts,
        PromptEdit edit,
        DdimScheduler scheduler,
        int steps) {
      this.branch = branch;
      this.prompts = prompts;
      this.edit = edit;
      this.scheduler = scheduler;
      this.steps = steps;
      blend =
          edit.settings()
              .blend()
              .map(local -> new BlendMasks(unet, local, edit, steps, branch.noise()));
      // Beside a trajectory only the caption's maps are needed.
      ofReference =
          branch.trajectory().isPresent()
              ? PredictionSum.of(PromptRow.CAPTION)
              : edit.settings().prediction(PromptRow.CAPTION);
      ofEdited = edit.settings().prediction(PromptRow.EDITED);
      shared = contexts(prompts);
    }

    private Contexts contexts(Prompts all) {
      return new Contexts(all.context(ofReference.rows()), all.context(ofEdited.rows()));
    }

    /** The latents of a trajectory are not the sampler's. */
    List<Tensor> made(LatentPair pair) {
      return branch.trajectory().isPresent() ? List.of(pair.edited()) : pair.both();
    }

    @Override
    public LatentPair take(int number, int t, LatentPair current) {
      Contexts contexts =
          branch.nullText().isEmpty() ? shared : contexts(branch.prompts(number, prompts));
      PromptToPrompt settings = edit.settings();
      float[] shares = edit.crossShares(number, steps);
      boolean cross = MapEdit.isAny(shares);
      boolean inSelfSteps = settings.selfSteps().contains(number, steps);
      Predicate<AttentionSite> self =
          site -> inSelfSteps && !site.isCross() && site.downscale() >= settings.selfDownscale();
      MapRecorder maps = new MapRecorder(site -> site.isCross() ? cross : self.test(site));
      Tensor reference =
          branch
              .trajectory()
              .map(latents -> follow(latents, number, t, current, contexts, maps))
              .orElseGet(
                  () ->
                      scheduler.step(
                          predict(
                              current.reference(),
                              t,
                              contexts.reference(),
                              ofReference,
                              watched(maps, PromptRow.CAPTION)),
                          t,
                          current.reference()));
      AttentionControl control = edit.maps().control(maps, shares, self);
      Tensor predicted =
          predict(
              current.edited(), t, contexts.edited(), ofEdited, watched(control, PromptRow.EDITED));
      Tensor edited = scheduler.step(predicted, t, current.edited());
      return new LatentPair(
          reference, blend.map(masks -> masks.blended(number, reference, edited)).orElse(edited));
    }

    /** The trajectory's next latent, once the maps of this one are recorded, if any are wanted. */
    private Tensor follow(
        Trajectory latents,
        int number,
        int t,
        LatentPair current,
        Contexts contexts,
        MapRecorder maps) {
      AttentionControl control = watched(maps, PromptRow.CAPTION);
      if (unet.sites().stream().anyMatch(control::wants)) {
        predict(current.reference(), t, contexts.reference(), ofReference, control);
      }
      return latents.after(steps - number - 1);
    }

    private AttentionControl watched(AttentionControl control, PromptRow row) {
      return blend.map(masks -> control.andThen(masks.watching(row))).orElse(control);
    }

    private Tensor predict(
        Tensor latent, int t, TextContext context, PredictionSum sum, AttentionControl control) {
      Tensor batch = RowPredictions.batch(latent, context);
      Tensor predicted = unet.forward(batch, t, context, control);
      if (!begun) {
        FinitePredictions.require(predicted, t);
        begun = true;
      }
      return sum.of(RowPredictions.split(predicted, context));
    }
  }
}
