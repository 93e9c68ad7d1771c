package io.github.pix2pixzero.tensor.backend;

/**
 * Group normalisation of channels-last data [batch, pixels, channels]: mean and variance are taken
 * over the pixels and the channels of a group (Wu and He, 2018).
 *
 * @param silu apply SiLU to the result
 */
public record GroupNormSpec(
    int batch, int pixels, int channels, int groups, float epsilon, boolean silu) {

  public int groupChannels() {
    return channels / groups;
  }
}
