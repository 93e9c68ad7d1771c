package io.github.pix2pixzero;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.RepeatedPass;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.util.List;

/**
 * From noise to a picture: DDIM (Song et al., 2021) with classifier-free guidance (Ho and Salimans,
 * 2022). Agrees with the loop of diffusers' {@code StableDiffusionPipeline}.
 */
record DdimSampler(UNet2DConditionModel unet, NoiseSchedule schedule) {

  /**
   * @param latent the noise, [1, channels, height, width]
   * @param prompt its embedding, [1, tokens, width]
   * @param negative what guidance leads away from, same shape
   * @param scale weight of classifier-free guidance; 1 or less turns it off
   * @param control asked at every attention site
   * @return all latents between the picture and the noise, in the caller's scope
   */
  Trajectory sample(
      Tensor latent,
      Tensor prompt,
      Tensor negative,
      int steps,
      double scale,
      AttentionControl control,
      Steps progress) {
    DdimScheduler scheduler = new DdimScheduler(schedule, steps);
    boolean guided = scale > 1;
    TextContext context = new TextContext(guided ? Tensor.concat(0, negative, prompt) : prompt);
    ImmutableList.Builder<Tensor> latents = ImmutableList.<Tensor>builder().add(latent);
    int[] timesteps = scheduler.timesteps();
    try (RepeatedPass prediction =
        new RepeatedPass(
            unet,
            control == AttentionControl.NONE,
            (current, timestep) -> {
              Tensor one = current.get(0);
              Tensor batch = guided ? Tensor.concat(0, one, one) : one;
              return List.of(unet.forward(batch, timestep, context, control));
            })) {
      for (int i = 0; i < timesteps.length; i++) {
        try (Scope step = Scope.open()) {
          Tensor noise = prediction.at(timesteps[i], latent).get(0);
          if (guided) {
            Tensor unconditional = noise.slice(0, 0, 1);
            noise = unconditional.add(noise.slice(0, 1, 2).sub(unconditional).mul((float) scale));
          }
          latent = step.keep(scheduler.step(noise, timesteps[i], latent));
          latents.add(latent);
          progress.stepped(i, latent);
        }
      }
    }
    return new Trajectory(latents.build().reverse());
  }

  /** Shows a control the maps of every latent of a trajectory, without leaving it. */
  void replay(Trajectory trajectory, Tensor prompt, AttentionControl control, Steps progress) {
    int steps = trajectory.steps();
    int[] timesteps = new DdimScheduler(schedule, steps).timesteps();
    for (int i = 0; i < steps; i++) {
      try (Scope step = Scope.open()) {
        Tensor latent = trajectory.after(steps - i);
        unet.forward(latent, timesteps[i], prompt, control);
        progress.stepped(i, latent);
      }
    }
  }
}
