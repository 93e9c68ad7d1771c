package io.github.pix2pixzero.tensor.optim;

/**
 * Adam whose weight decay does not go through the moments but shrinks the parameter itself
 * (Loshchilov and Hutter, 2019). Agrees with {@code torch.optim.AdamW}, whose decay is 0.01 unless
 * said otherwise.
 */
public final class AdamW extends Adam {

  public AdamW(Parameters parameters, LearningRate rate, Options options) {
    super(parameters, rate, options, true);
  }
}
