package io.github.pix2pixzero.guidance;

import static com.google.common.collect.ImmutableMap.toImmutableMap;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.FinitePredictions;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.inversion.StepLoop;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.RepeatedPass;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Denoises a picture's noise with another prompt, beside the trajectory that led there: the maps
 * that guide are those of the trajectory's own latents instead of a reconstruction that drifts (as
 * Direct Inversion does for Prompt-to-Prompt; Ju et al., ICLR 2024), and outside a mask the latent
 * is the trajectory's.
 */
public final class TrajectorySampler {
  /** As many steps as a guidance amount is counted for. */
  private static final double STEPS = 50;

  private final UNet2DConditionModel unet;
  private final NoiseSchedule schedule;
  private final int largeLatent;

  public TrajectorySampler(UNet2DConditionModel unet, NoiseSchedule schedule) {
    this(unet, schedule, RowPredictions.LARGE_LATENT);
  }

  /**
   * @param largeLatent pixels from which on a step's rows go one by one
   */
  TrajectorySampler(UNet2DConditionModel unet, NoiseSchedule schedule, int largeLatent) {
    this.unet = unet;
    this.schedule = schedule;
    this.largeLatent = largeLatent;
  }

  /**
   * Samples from the trajectory's noise to the edited picture.
   *
   * @param mask [1, 1, height, width], 1 where the latent may change, 0 where the trajectory holds
   *     it; empty: it may change everywhere
   * @param room for what is added to the picture; empty: guidance counts everywhere
   * @param prompts caption, negative and edited
   * @param settings weights and loss; whether the background is held and room made, the masks say
   * @return the edited latent, and the trajectory's picture as reference, in the caller's scope
   */
  public LatentPair sample(
      Trajectory trajectory,
      Optional<Tensor> mask,
      Optional<Room> room,
      Prompts prompts,
      BesideTrajectory settings,
      StepListener<LatentPair> listener) {
    int steps = trajectory.steps();
    DdimScheduler scheduler = new DdimScheduler(schedule, steps);
    Tensor noise = trajectory.noise();
    try (Scope scope = Scope.open();
        Guide guide = new Guide(prompts, room.map(Room::pull), settings, steps);
        Predictions rows = new Predictions(trajectory, prompts, room, settings)) {
      Tensor outside = mask.map(inside -> inside.mul(-1f).add(1f)).orElse(null);
      LatentPair result =
          new StepLoop<LatentPair>(scheduler.timesteps(), pair -> List.of(pair.edited()), listener)
              .run(
                  new LatentPair(noise, noise),
                  (step, t, current) -> {
                    Tensor reference = trajectory.after(steps - step - 1);
                    Guided guided =
                        settings.guides(step, steps)
                            ? guide.move(current, t)
                            : new Guided(current.edited(), Map.of());
                    ImmutableMap<PromptRow, Tensor> predictions =
                        ImmutableMap.<PromptRow, Tensor>builder()
                            .putAll(rows.of(step).at(t, guided.latent()))
                            .putAll(guided.predictions())
                            .buildOrThrow();
                    Tensor edited =
                        scheduler.step(
                            settings.prediction(step, steps).of(predictions), t, guided.latent());
                    if (outside != null) {
                      edited = edited.mul(mask.get()).add(reference.mul(outside));
                    }
                    return new LatentPair(reference, edited);
                  });
      scope.keep(result.edited());
      return result;
    }
  }

  /** The predictions of all steps: not all need the same, nor for the same prompts. */
  private final class Predictions implements AutoCloseable {
    private final int steps;
    private final BesideTrajectory settings;
    private final Optional<Room> room;
    private final ImmutableMap<Kind, RowPredictions> kinds;

    /**
     * A kind of step.
     *
     * @param guided guidance predicts for the caption anyway
     * @param emphasised what is added counts more
     */
    private record Kind(boolean guided, boolean emphasised) {}

    Predictions(
        Trajectory trajectory, Prompts prompts, Optional<Room> room, BesideTrajectory settings) {
      this.steps = trajectory.steps();
      this.settings = settings;
      this.room = room;
      boolean together = trajectory.noise().dim(2) * trajectory.noise().dim(3) < largeLatent;
      kinds =
          IntStream.range(0, steps)
              .mapToObj(this::kind)
              .distinct()
              .collect(
                  toImmutableMap(
                      Function.identity(),
                      kind ->
                          new RowPredictions(
                              unet,
                              kind.emphasised() ? room.get().prompts() : prompts,
                              settings.rows(kind.guided()),
                              together,
                              AttentionControl.NONE,
                              settings.deepEvery())));
      kinds.values().stream().skip(1).forEach(RowPredictions::goOn);
    }

    private Kind kind(int step) {
      return new Kind(
          settings.guides(step, steps), room.isPresent() && Room.EMPHASISED.contains(step, steps));
    }

    RowPredictions of(int step) {
      return kinds.get(kind(step));
    }

    @Override
    public void close() {
      kinds.values().forEach(RowPredictions::close);
    }
  }

  /**
   * A latent on which a step is taken.
   *
   * @param predictions made before it was moved, which serve for it too
   */
  private record Guided(Tensor latent, Map<PromptRow, Tensor> predictions) {}

  /** Moves latents so that their maps are more like those of the trajectory's latents. */
  private final class Guide implements AutoCloseable {
    private final TextContext caption;
    private final Optional<Tensor> pull;
    private final GuidanceLoss loss;
    private final double amount;
    private final RepeatedPass gradient;
    private boolean checked;

    /** With the caption both maps are taken: the edited prompt may put its words elsewhere. */
    Guide(Prompts prompts, Optional<Tensor> pull, BesideTrajectory settings, int steps) {
      caption = prompts.context(List.of(PromptRow.CAPTION));
      this.pull = pull;
      loss = settings.loss();
      amount = settings.guidanceAmount() * STEPS / steps;
      checked = !settings.guides(0, steps); // by the predictions of the steps before
      gradient = new RepeatedPass(unet, loss.isRepeatable(), this::gradient);
    }

    Guided move(LatentPair current, int t) {
      List<Tensor> results = gradient.at(t, current.edited(), current.reference());
      if (!checked) {
        FinitePredictions.require(results.get(1), t);
        checked = true;
      }
      Tensor move = Moves.limited(results.get(0), current.edited());
      return new Guided(current.edited().sub(move), Map.of(PromptRow.CAPTION, results.get(1)));
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
}
