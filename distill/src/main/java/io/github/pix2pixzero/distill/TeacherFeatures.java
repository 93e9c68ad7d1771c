package io.github.pix2pixzero.distill;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.stablediffusion.LoadedAutoencoder;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Tensor;

/**
 * How much pictures differ for the eye of the teacher: in the features of its autoencoder's
 * encoder, by the formula of LPIPS (Zhang et al., 2018) with all weights 1. Every checkpoint has
 * these, unlike the networks and weights of LPIPS itself; that features over latents serve as well
 * is Diffusion2GAN's finding (Kang et al., 2024).
 */
public final class TeacherFeatures {
  /** The finest levels: what comes in, and what leaves the first two. */
  private static final int LEVELS = 2;

  /** Keeps the slope finite where there are no features. */
  private static final float EPSILON = 1e-10f;

  private final LoadedAutoencoder autoencoder;

  public TeacherFeatures(LoadedAutoencoder autoencoder) {
    this.autoencoder = autoencoder;
  }

  /** Tells the autoencoder from others. */
  public String identity() {
    return autoencoder.identity();
  }

  /**
   * The distance, a scalar, through which gradients reach {@code picture} alone: summed over the
   * levels, the mean over pixels of the squared distance of their features, scaled to length 1.
   *
   * @param picture [batch, height, width, 3] in [-1, 1]
   * @param target of the same shape
   */
  public Tensor distance(Tensor picture, Tensor target) {
    ImmutableList<Tensor> made = features(picture);
    ImmutableList<Tensor> wanted = Autograd.withoutRecording(() -> features(target));
    Tensor sum = null;
    for (int i = 0; i < made.size(); i++) {
      Tensor level = unit(made.get(i)).sub(unit(wanted.get(i))).square().sum(3).mean();
      sum = sum == null ? level : sum.add(level);
    }
    return sum;
  }

  private ImmutableList<Tensor> features(Tensor picture) {
    return autoencoder.network().features(picture, LEVELS);
  }

  /** Scaled to length 1 along the channels. */
  private static Tensor unit(Tensor features) {
    return features.div(features.square().sum(3).add(EPSILON).sqrt());
  }
}
