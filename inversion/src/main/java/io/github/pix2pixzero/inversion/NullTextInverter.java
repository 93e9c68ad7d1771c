package io.github.pix2pixzero.inversion;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.optim.Adam;
import io.github.pix2pixzero.tensor.optim.LearningRate;
import io.github.pix2pixzero.tensor.optim.Parameters;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.List;

/**
 * Null-text inversion (Mokady et al., CVPR 2023, algorithm 1): classifier-free guidance with an
 * empty prompt leads away from an inverted picture, with embeddings that were optimised step by
 * step in its place it leads back.
 *
 * <p>At each of n steps up to {@value #UPDATES} updates of Adam, which starts anew, with a learning
 * rate of 0.01 (1 - i / 100) at step i, until the mean square between where guidance leads and the
 * trajectory is below 1e-5 + 2e-5 i; as the published {@code null_text_w_ptp.ipynb} has it. The
 * next step starts from the embedding of the one before.
 */
public final class NullTextInverter {
  private static final int UPDATES = 10;

  private final UNet2DConditionModel unet;
  private final NoiseSchedule schedule;

  public NullTextInverter(UNet2DConditionModel unet, NoiseSchedule schedule) {
    this.unet = unet;
    this.schedule = schedule;
  }

  /**
   * Where an inversion stands after a step.
   *
   * @param latent where guidance has led, [1, channels, height, width]
   * @param embedding in the place of the empty prompt's, [1, tokens, width]
   * @param updates that the step took
   * @param loss before the last update
   */
  public record Fit(Tensor latent, Tensor embedding, int updates, double loss) {}

  /**
   * Finds the embeddings.
   *
   * @param trajectory of an inversion with the caption and without guidance
   * @param caption embedding of the caption, [1, tokens, width]
   * @param empty what the first step starts from, usually the empty prompt's, same shape
   * @param guidanceScale of the reconstruction and of edits, not 1; 7.5 is usual
   * @return in the caller's scope
   * @throws ArithmeticException if the first prediction is not of finite numbers
   */
  public NullText invert(
      Trajectory trajectory,
      Tensor caption,
      Tensor empty,
      double guidanceScale,
      StepListener<Fit> listener) {
    checkArgument(
        guidanceScale != 1, "without guidance, at a scale of 1, there is no null-text inversion");
    DdimScheduler scheduler = new DdimScheduler(schedule, trajectory.steps());
    try (Scope scope = Scope.open()) {
      Steps steps =
          new Steps(scheduler, trajectory, new TextContext(caption), (float) guidanceScale);
      ImmutableList<Fit> fits =
          new StepLoop<Fit>(
                  scheduler.timesteps(), fit -> List.of(fit.latent(), fit.embedding()), listener)
              .collect(new Fit(trajectory.noise(), empty, 0, 0), steps);
      ImmutableList<Tensor> embeddings =
          fits.stream().skip(1).map(Fit::embedding).collect(ImmutableList.toImmutableList());
      embeddings.forEach(scope::keep);
      Tensor last = fits.get(fits.size() - 1).latent();
      double distance = last.sub(trajectory.after(0)).square().mean().item();
      return new NullText(embeddings, guidanceScale, distance);
    }
  }

  private final class Steps implements StepLoop.Step<Fit> {
    private final DdimScheduler scheduler;
    private final Trajectory trajectory;
    private final TextContext caption;
    private final float guidanceScale;

    Steps(
        DdimScheduler scheduler, Trajectory trajectory, TextContext caption, float guidanceScale) {
      this.scheduler = scheduler;
      this.trajectory = trajectory;
      this.caption = caption;
      this.guidanceScale = guidanceScale;
    }

    @Override
    public Fit take(int number, int timestep, Fit current) {
      Tensor latent = current.latent();
      Tensor conditional = unet.forward(latent, timestep, caption, AttentionControl.NONE);
      if (number == 0) {
        FinitePredictions.require(conditional, timestep);
      }
      Tensor target = trajectory.after(trajectory.steps() - number - 1);
      Tensor before = current.embedding();
      double enough = 1e-5 + 2e-5 * number;
      // Nothing is drawn: the only parameter starts from the step before.
      Parameters parameters = new Parameters(latent.backend(), new PhiloxGenerator(0));
      try (parameters;
          Adam adam = adam(parameters, before, number)) {
        Tensor embedding = parameters.get("embedding");
        int updates = 0;
        double loss = Double.POSITIVE_INFINITY;
        while (updates < UPDATES && !(loss < enough)) {
          try (Scope update = Scope.open()) {
            Tensor led = guided(latent, timestep, conditional, embedding);
            Tensor distance = led.sub(target).square().mean();
            adam.step(Autograd.grad(distance, embedding));
            loss = distance.item();
            updates++;
          }
        }
        Tensor found =
            Tensor.of(latent.backend(), embedding.toFloats(), embedding.shape().toArray());
        return new Fit(guided(latent, timestep, conditional, found), found, updates, loss);
      }
    }

    private Adam adam(Parameters parameters, Tensor start, int number) {
      parameters.add("embedding", start.toFloats(), start.shape().toArray());
      return new Adam(
          parameters, LearningRate.constant(1e-2 * (1 - number / 100.0)), Adam.Options.defaults());
    }

    private Tensor guided(Tensor latent, int timestep, Tensor conditional, Tensor embedding) {
      TextContext context = new TextContext(embedding);
      Tensor unconditional = unet.forward(latent, timestep, context, AttentionControl.NONE);
      Tensor towards = conditional.sub(unconditional).mul(guidanceScale);
      return scheduler.step(unconditional.add(towards), timestep, latent);
    }
  }
}
