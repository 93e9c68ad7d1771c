package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.AdamSpec;

/** What optimisers do, in place. The JIT compiler turns these loops into vector instructions. */
final class TrainingKernels {
  private static final int GRAIN = 8192;

  private final Workers workers;

  TrainingKernels(Workers workers) {
    this.workers = workers;
  }

  void axpby(int size, float alpha, float[] x, float beta, float[] y) {
    workers.range(
        size,
        GRAIN,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            y[i] = alpha * x[i] + beta * y[i];
          }
        });
  }

  void adam(AdamSpec spec, float[] gradient, float[] parameter, float[] mean, float[] square) {
    float decay = spec.decay();
    float keep = spec.keep();
    float meanRate = spec.meanRate();
    float squareRate = spec.squareRate();
    float stepSize = spec.stepSize();
    float rootScale = spec.rootScale();
    float epsilon = spec.epsilon();
    workers.range(
        spec.size(),
        GRAIN,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            float p = parameter[i];
            float g = gradient[i] + decay * p;
            float m = mean[i] + meanRate * (g - mean[i]);
            float v = square[i] + squareRate * (g * g - square[i]);
            mean[i] = m;
            square[i] = v;
            parameter[i] = keep * p - stepSize * m / (rootScale * (float) Math.sqrt(v) + epsilon);
          }
        });
  }
}
