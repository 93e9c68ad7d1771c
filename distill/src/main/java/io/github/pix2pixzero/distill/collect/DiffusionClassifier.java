package io.github.pix2pixzero.distill.collect;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.inversion.PredictionType;
import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.TextContext;
import java.awt.image.BufferedImage;

/**
 * Asks the diffusion model which of two captions a picture shows, so that nothing but the model is
 * needed: noise is added to the picture at a few timesteps, and the caption with which the model
 * predicts it better is the better one (Li et al., "Your Diffusion Model is Secretly a Zero-Shot
 * Classifier", ICCV 2023). The noise is the same for both captions and for all pictures.
 */
public final class DiffusionClassifier implements PairScore {
  /**
   * How much larger the mean squared error is with the source's caption than with the target's;
   * above 0, the picture shows the target.
   */
  public static final String NAME = "classifier";

  /** Timesteps as shares of those that the model was trained with. */
  private static final double[] TIMES = {0.2, 0.3, 0.4, 0.5, 0.6, 0.7};

  private final StableDiffusion model;

  public DiffusionClassifier(StableDiffusion model) {
    this.model = model;
  }

  @Override
  public ImmutableMap<String, Double> of(Judged pair) {
    return pair.targetCaption()
        .filter(target -> !target.equals(pair.caption()))
        .map(target -> ImmutableMap.of(NAME, margin(pair.edited(), pair.caption(), target)))
        .orElse(ImmutableMap.of());
  }

  /**
   * By how much one caption is better than another.
   *
   * @param picture of a size that the model can work at
   * @return above 0 if {@code target} is the better one
   */
  public double margin(BufferedImage picture, String source, String target) {
    try (Scope scope = Scope.open()) {
      Tensor latent = model.encode(PictureTensors.toTensor(picture, model.backend()));
      TextContext captions =
          new TextContext(
              Tensor.concat(0, model.embed(source).states(), model.embed(target).states()));
      PhiloxGenerator random = new PhiloxGenerator(0);
      double margin = 0;
      for (int i = 0; i < TIMES.length; i++) {
        margin += margin(latent, captions, TIMES[i], random.split(i)) / TIMES.length;
      }
      return margin;
    }
  }

  private double margin(Tensor latent, TextContext captions, double time, PhiloxGenerator random) {
    try (Scope scope = Scope.open()) {
      int timestep = (int) Math.round(time * model.schedule().trainTimesteps());
      double kept = model.schedule().alphaCumprod(timestep);
      float signal = (float) Math.sqrt(kept);
      float deviation = (float) Math.sqrt(1 - kept);
      Tensor noise =
          Tensor.of(
              model.backend(), random.normal(latent.shape().size()), latent.shape().toArray());
      Tensor noisy = latent.mul(signal).add(noise.mul(deviation));
      Tensor wanted =
          model.schedule().predictionType() == PredictionType.EPSILON
              ? noise
              : noise.mul(signal).sub(latent.mul(deviation));
      Tensor predicted =
          model
              .unet()
              .forward(Tensor.concat(0, noisy, noisy), timestep, captions, AttentionControl.NONE);
      return error(predicted.slice(0, 0, 1), wanted) - error(predicted.slice(0, 1, 2), wanted);
    }
  }

  private static double error(Tensor predicted, Tensor wanted) {
    return predicted.sub(wanted).square().mean().item();
  }
}
