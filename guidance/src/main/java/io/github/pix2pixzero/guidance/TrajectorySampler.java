package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.RepeatedPass;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Denoises a picture's noise with another prompt, beside the trajectory that led there: the maps
 * that guide are those of the trajectory's own latents instead of a reconstruction that drifts (as
 * Direct Inversion does for Prompt-to-Prompt; Ju et al., ICLR 2024), and outside a mask the latent
 * is the trajectory's.
 */
public final class TrajectorySampler {
  /** The most a step along the gradient may be, of the latent, both as root mean squares. */
  private static final double LARGEST_MOVE = 0.1;

  /** Pixels of a latent that keep all cores busy by itself. */
  private static final int LARGE_LATENT = 32 * 32;

  private final UNet2DConditionModel unet;
  private final NoiseSchedule schedule;
  private final GuidanceLoss loss;
  private final int largeLatent;

  public TrajectorySampler(UNet2DConditionModel unet, NoiseSchedule schedule, GuidanceLoss loss) {
    this(unet, schedule, loss, LARGE_LATENT);
  }

  /**
   * @param largeLatent pixels from which on a step's rows go one by one
   */
  TrajectorySampler(
      UNet2DConditionModel unet, NoiseSchedule schedule, GuidanceLoss loss, int largeLatent) {
    this.unet = unet;
    this.schedule = schedule;
    this.loss = loss;
    this.largeLatent = largeLatent;
  }

  /**
   * How to sample. With ε the prediction for the edited prompt, ε₀ for the negative and ε₁ for that
   * of the picture as it is, a step is taken along ε + (guidanceScale - 1) (ε - ε₀) + contrast (ε -
   * ε₁). The first of the two leads to what the edited prompt says (Ho and Salimans, 2022), the
   * second to where it differs from the prompt.
   *
   * @param guidanceScale weight of classifier-free guidance; 1 turns it off
   * @param contrast weight of the difference between the prompts; 0 turns it off
   * @param guidanceAmount how far the latent goes along the gradient of the guidance loss, averaged
   *     over the attention layers that the loss looks at; 0 turns it off. Never more than a tenth
   *     of the latent, so that it cannot explode.
   */
  public record Settings(double guidanceScale, double contrast, double guidanceAmount) {
    public Settings {
      checkArgument(guidanceScale >= 0, "guidance scale %s is negative", guidanceScale);
      checkArgument(contrast >= 0, "contrast %s is negative", contrast);
      checkArgument(guidanceAmount >= 0, "guidance amount %s is negative", guidanceAmount);
    }
  }

  /**
   * Samples from the trajectory's noise to the edited picture.
   *
   * @param mask [1, 1, height, width], 1 where the latent may change, 0 where the trajectory holds
   *     it; empty: it may change everywhere
   * @param pull how much guidance counts at each place, same shape, from 0 to 1; empty: 1
   * @return the edited latent, and the trajectory's picture as reference, in the caller's scope
   */
  public GuidedSampler.Result sample(
      Trajectory trajectory,
      Optional<Tensor> mask,
      Optional<Tensor> pull,
      GuidedSampler.Prompts prompts,
      Settings settings,
      GuidedSampler.Listener listener) {
    int steps = trajectory.steps();
    DdimScheduler scheduler = new DdimScheduler(schedule, steps);
    int[] timesteps = scheduler.timesteps();
    try (Scope scope = Scope.open();
        Guide guide =
            settings.guidanceAmount() > 0
                ? new Guide(prompts.prompt(), pull, settings.guidanceAmount())
                : null;
        Rows rows = new Rows(prompts, settings, guide == null, trajectory.noise().shape())) {
      Tensor inverse = mask.map(inside -> inside.mul(-1f).add(1f)).orElse(null);
      Tensor previous = trajectory.noise();
      Tensor current = previous;
      for (int i = 0; i < steps; i++) {
        try (Scope step = Scope.open()) {
          int t = timesteps[i];
          Tensor reference = trajectory.after(steps - i - 1);
          Guided guided =
              guide == null ? new Guided(current, null) : guide.move(current, previous, t);
          Tensor noise = rows.noise(guided, t);
          Tensor edited = scheduler.step(noise, t, guided.latent());
          if (inverse != null) {
            edited = edited.mul(mask.get()).add(reference.mul(inverse));
          }
          step.keep(edited);
          if (i > 0) {
            Scope.release(current);
          }
          previous = reference;
          current = edited;
          listener.stepped(i, steps, new GuidedSampler.Result(previous, current));
        }
      }
      return new GuidedSampler.Result(previous, scope.keep(current));
    }
  }

  /**
   * A latent on which a step is taken.
   *
   * @param caption the prediction for the prompt of the picture as it is, made before the latent
   *     was moved; null if it was not
   */
  private record Guided(Tensor latent, Tensor caption) {}

  /** Moves latents so that their maps are more like those of the trajectory's latents. */
  private final class Guide implements AutoCloseable {
    private final TextContext caption;
    private final Optional<Tensor> pull;
    private final double amount;
    private final RepeatedPass gradient;

    /**
     * @param prompt of the picture as it is, with which both maps are taken: the edited one may put
     *     its words elsewhere
     */
    Guide(Tensor prompt, Optional<Tensor> pull, double amount) {
      caption = new TextContext(prompt);
      this.pull = pull;
      this.amount = amount;
      gradient = new RepeatedPass(unet, loss.isRepeatable(), this::gradient);
    }

    Guided move(Tensor latent, Tensor reference, int t) {
      List<Tensor> results = gradient.at(t, latent, reference);
      Tensor move = results.get(0);
      double share = rootMeanSquare(move) / rootMeanSquare(latent);
      if (share > LARGEST_MOVE) {
        move = move.mul((float) (LARGEST_MOVE / share));
      }
      return new Guided(latent.sub(move), results.get(1));
    }

    /**
     * How far to go, and the prediction for the caption before.
     *
     * @param latents the edited one and the trajectory's
     */
    private List<Tensor> gradient(List<Tensor> latents, Tensor timestep) {
      MapRecorder maps = new MapRecorder(loss::wants);
      unet.forward(latents.get(1), timestep, caption, maps);
      Tensor x = latents.get(0).variable();
      LossControl control = new LossControl(loss, maps);
      Tensor noise = unet.forward(x, timestep, caption, control);
      Tensor gradient = Autograd.grad(control.total(), x)[0];
      if (pull.isPresent()) {
        gradient = gradient.mul(pull.get());
      }
      return List.of(gradient.mul((float) (amount / maps.maps().size())), noise.detached());
    }

    @Override
    public void close() {
      gradient.close();
    }
  }

  /**
   * The rows of a step's batch: the edited prompt, and what the step leads away from. Large latents
   * go one by one, which takes as long, in a third of the memory. The prediction for the caption is
   * the one that guidance has made anyway, where there is guidance.
   */
  private final class Rows implements AutoCloseable {
    /** Of one row or of all. */
    private final List<RepeatedPass> batches;

    private final List<Float> weights = new ArrayList<>();

    /** Weight of the caption's prediction that is not among the rows. */
    private final float contrast;

    Rows(GuidedSampler.Prompts prompts, Settings settings, boolean caption, Shape latent) {
      List<Tensor> contexts = new ArrayList<>(List.of(prompts.edited()));
      if (settings.guidanceScale() != 1) {
        contexts.add(prompts.negative());
        weights.add((float) (settings.guidanceScale() - 1));
      }
      boolean among = caption && settings.contrast() > 0;
      if (among) {
        contexts.add(prompts.prompt());
        weights.add((float) settings.contrast());
      }
      contrast = among ? 0 : (float) settings.contrast();
      boolean together = latent.dim(2) * latent.dim(3) < largeLatent;
      List<Tensor> all =
          together ? List.of(Tensor.concat(0, contexts.toArray(Tensor[]::new))) : contexts;
      batches = all.stream().map(this::prediction).toList();
    }

    private RepeatedPass prediction(Tensor embeddings) {
      TextContext context = new TextContext(embeddings);
      return new RepeatedPass(
          unet,
          true,
          (latents, timestep) -> {
            Tensor[] rows = new Tensor[embeddings.dim(0)];
            Arrays.fill(rows, latents.get(0));
            Tensor batch = Tensor.concat(0, rows);
            return List.of(unet.forward(batch, timestep, context, AttentionControl.NONE));
          });
    }

    Tensor noise(Guided guided, int t) {
      Tensor[] parts =
          batches.stream().map(batch -> batch.at(t, guided.latent()).get(0)).toArray(Tensor[]::new);
      Tensor all = Tensor.concat(0, parts);
      Tensor edited = all.slice(0, 0, 1);
      Tensor noise = edited;
      for (int row = 1; row <= weights.size(); row++) {
        noise = away(noise, edited, all.slice(0, row, row + 1), weights.get(row - 1));
      }
      return contrast > 0 ? away(noise, edited, guided.caption(), contrast) : noise;
    }

    private Tensor away(Tensor noise, Tensor edited, Tensor other, float weight) {
      return noise.add(edited.sub(other).mul(weight));
    }

    @Override
    public void close() {
      batches.forEach(RepeatedPass::close);
    }
  }

  private static double rootMeanSquare(Tensor tensor) {
    double sum = 0;
    for (float value : tensor.toFloats()) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum / tensor.size());
  }
}
