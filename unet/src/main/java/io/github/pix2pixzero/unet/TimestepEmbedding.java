package io.github.pix2pixzero.unet;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A timestep as sines and cosines of geometrically spaced frequencies (Vaswani et al., 2017), then
 * through two linear layers.
 */
final class TimestepEmbedding {
  private static final float LOG_MAX_PERIOD = (float) Math.log(10_000);

  private final Backend backend;
  private final UNetConfig config;
  private final Linear linear1;
  private final Linear linear2;

  /**
   * Few timesteps are asked for, many times; a device need not wait for them to be brought again.
   */
  private final Map<Integer, Tensor> waves = new ConcurrentHashMap<>();

  TimestepEmbedding(Weights weights, UNetConfig config) {
    this.backend = weights.backend();
    this.config = config;
    int channels = config.blockChannels().get(0);
    linear1 = Linear.load(weights.at("linear_1"), channels, config.timeWidth());
    linear2 = Linear.load(weights.at("linear_2"), config.timeWidth(), config.timeWidth());
  }

  /** SiLU of the embedding, [1, timeWidth]: every residual block starts by applying it. */
  Tensor forward(int timestep) {
    Tensor embedding = waves.computeIfAbsent(timestep, this::waves);
    return linear2.forward(linear1.forward(embedding).silu()).silu();
  }

  private Tensor waves(int timestep) {
    float[] values = sinusoid(timestep);
    return Scope.detach(Tensor.of(backend, values, 1, values.length));
  }

  /** In float32 throughout as the reference does, so that the angles of late timesteps agree. */
  private float[] sinusoid(int timestep) {
    int half = config.blockChannels().get(0) / 2;
    float[] waves = new float[2 * half];
    for (int i = 0; i < half; i++) {
      float exponent = -LOG_MAX_PERIOD * i / (half - config.frequencyShift());
      float angle = timestep * (float) Math.exp(exponent);
      waves[config.flipSinToCos() ? half + i : i] = (float) Math.sin(angle);
      waves[config.flipSinToCos() ? i : half + i] = (float) Math.cos(angle);
    }
    return waves;
  }
}
