package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.RepeatedPass;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.List;

/**
 * Denoises a latent twice, in lockstep: as it was, and with another prompt embedding while the
 * gradient of a loss pulls its attention maps towards those of the first (Parmar et al., 2023,
 * algorithm 1). Only one step's maps exist at a time.
 */
public final class GuidedSampler {
  private final UNet2DConditionModel unet;
  private final NoiseSchedule schedule;
  private final GuidanceLoss loss;

  public GuidedSampler(UNet2DConditionModel unet, NoiseSchedule schedule, GuidanceLoss loss) {
    this.unet = unet;
    this.schedule = schedule;
    this.loss = loss;
  }

  /**
   * How to sample.
   *
   * @param steps denoising steps
   * @param guidanceScale weight of classifier-free guidance; 1 or less turns it off
   * @param guidanceAmount how far the latent goes along the gradient of the attention loss; 0 turns
   *     it off
   * @param gradientMode which gradient that is
   */
  public record Settings(
      int steps, double guidanceScale, double guidanceAmount, GradientMode gradientMode) {
    public Settings {
      checkArgument(steps > 0, "the number of steps should be at least 1, it is %s", steps);
      checkArgument(guidanceScale >= 0, "guidance scale %s is negative", guidanceScale);
      checkArgument(guidanceAmount >= 0, "guidance amount %s is negative", guidanceAmount);
    }

    boolean classifierFree() {
      return guidanceScale > 1;
    }
  }

  /**
   * Text embeddings, [1, tokens, width] each.
   *
   * @param prompt of the picture as it is
   * @param negative what classifier-free guidance leads away from
   * @param edited of the picture as it should be: as a rule the prompt moved along an edit
   *     direction
   */
  public record Prompts(Tensor prompt, Tensor negative, Tensor edited) {}

  /**
   * Both latents at the end, [1, channels, height, width].
   *
   * @param reference the reconstruction
   * @param edited the edit
   */
  public record Result(Tensor reference, Tensor edited) {}

  /** Told after every step. */
  @FunctionalInterface
  public interface Listener {
    /** Does nothing. */
    Listener NONE = (step, steps, current) -> {};

    /**
     * @param current both latents; valid during the call only
     */
    void stepped(int step, int steps, Result current);
  }

  /**
   * Samples from the noise to the picture.
   *
   * @param latent inverted or drawn noise, [1, channels, height, width]
   * @return both latents, in the caller's scope
   */
  public Result sample(Tensor latent, Prompts prompts, Settings settings, Listener listener) {
    checkArgument(latent.dim(0) == 1, "one latent at a time, got %s", latent.shape());
    DdimScheduler scheduler = new DdimScheduler(schedule, settings.steps());
    Result current = new Result(copy(latent), copy(latent)); // so that every step may release
    int[] timesteps = scheduler.timesteps();
    try (Scope scope = Scope.open();
        RepeatedPass predictions = predictions(prompts, settings)) {
      for (int i = 0; i < timesteps.length; i++) {
        try (Scope step = Scope.open()) {
          int t = timesteps[i];
          List<Tensor> results = predictions.at(t, current.reference(), current.edited());
          Tensor reference = scheduler.step(results.get(0), t, current.reference());
          Tensor edited = scheduler.step(results.get(2), t, results.get(1));

          Scope.release(current.reference());
          Scope.release(current.edited());
          current = new Result(step.keep(reference), step.keep(edited));
          listener.stepped(i, timesteps.length, current);
        }
      }
      scope.keep(current.reference());
      scope.keep(current.edited());
    }
    return current;
  }

  /**
   * Of the reference and the edited latent: the prediction for the reference, the edited latent
   * after it was guided, and the prediction for that.
   */
  private RepeatedPass predictions(Prompts prompts, Settings settings) {
    TextContext referenceContext = context(prompts.prompt(), prompts.negative(), settings);
    TextContext editedContext = context(prompts.edited(), prompts.negative(), settings);
    boolean guided = settings.guidanceAmount() > 0;
    return new RepeatedPass(
        unet,
        !guided || loss.isRepeatable(),
        (latents, timestep) -> {
          MapRecorder maps = new MapRecorder(site -> guided && loss.wants(site));
          Tensor reference = batch(latents.get(0), settings);
          Tensor edited = latents.get(1);
          Tensor noise = noise(reference, timestep, referenceContext, maps, settings);
          Tensor batch = guide(edited, timestep, editedContext, maps, settings);
          return List.of(
              noise,
              batch.slice(0, 0, 1),
              noise(batch, timestep, editedContext, AttentionControl.NONE, settings));
        });
  }

  /** The guidance batch, its latent moved towards the reference maps. */
  private Tensor guide(
      Tensor latent, Tensor timestep, TextContext context, MapRecorder maps, Settings settings) {
    if (settings.guidanceAmount() == 0) {
      return batch(latent, settings);
    }
    boolean shared = settings.gradientMode() == GradientMode.FULL;
    Tensor x = (shared ? latent : batch(latent, settings)).variable();
    LossControl control = new LossControl(loss, maps);
    unet.forward(shared ? batch(x, settings) : x, timestep, context, control);
    Tensor gradient = Autograd.grad(control.total(), x)[0];
    Tensor moved = x.detached().sub(gradient.mul((float) settings.guidanceAmount()));
    return shared ? batch(moved, settings) : moved;
  }

  /** The model's prediction, the halves of the guidance batch combined (Ho and Salimans, 2022). */
  private Tensor noise(
      Tensor batch,
      Tensor timestep,
      TextContext context,
      AttentionControl control,
      Settings settings) {
    Tensor noise = unet.forward(batch, timestep, context, control);
    if (!settings.classifierFree()) {
      return noise;
    }
    Tensor unconditional = noise.slice(0, 0, 1);
    Tensor conditional = noise.slice(0, 1, 2);
    return unconditional.add(conditional.sub(unconditional).mul((float) settings.guidanceScale()));
  }

  private static Tensor copy(Tensor latent) {
    return Tensor.of(latent.backend(), latent.toFloats(), latent.shape().toArray());
  }

  private static Tensor batch(Tensor latent, Settings settings) {
    return settings.classifierFree() ? Tensor.concat(0, latent, latent) : latent;
  }

  private static TextContext context(Tensor prompt, Tensor negative, Settings settings) {
    return new TextContext(settings.classifierFree() ? Tensor.concat(0, negative, prompt) : prompt);
  }
}
