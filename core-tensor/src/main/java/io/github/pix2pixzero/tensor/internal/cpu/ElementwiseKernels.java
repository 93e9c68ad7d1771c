package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.Unary;

/** Functions of one tensor, element by element. */
final class ElementwiseKernels {
  private static final int GRAIN = 8192;

  private final Workers workers;

  ElementwiseKernels(Workers workers) {
    this.workers = workers;
  }

  void affine(int size, float[] x, float scale, float shift, float[] out) {
    workers.range(
        size,
        GRAIN,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            out[i] = scale * x[i] + shift;
          }
        });
  }

  void unary(Unary f, int size, float[] x, float[] out) {
    workers.range(size, GRAIN, (from, to) -> unary(f, from, to, x, out));
  }

  private static void unary(Unary f, int from, int to, float[] x, float[] out) {
    switch (f) {
      case SILU -> {
        for (int i = from; i < to; i++) {
          out[i] = (float) Functions.silu(x[i]);
        }
      }
      case GELU -> {
        for (int i = from; i < to; i++) {
          out[i] = (float) Functions.gelu(x[i]);
        }
      }
      case QUICK_GELU -> {
        for (int i = from; i < to; i++) {
          out[i] = (float) Functions.quickGelu(x[i]);
        }
      }
      case GELU_TANH -> {
        for (int i = from; i < to; i++) {
          out[i] = (float) Functions.geluTanh(x[i]);
        }
      }
      case SIGMOID -> {
        for (int i = from; i < to; i++) {
          out[i] = (float) Functions.sigmoid(x[i]);
        }
      }
      case TANH -> {
        for (int i = from; i < to; i++) {
          out[i] = (float) Math.tanh(x[i]);
        }
      }
      case SOFTPLUS -> {
        for (int i = from; i < to; i++) {
          out[i] = (float) Functions.softplus(x[i]);
        }
      }
      case NORMAL_CDF -> {
        for (int i = from; i < to; i++) {
          out[i] = (float) Functions.normalCdf(x[i]);
        }
      }
      case EXP -> {
        for (int i = from; i < to; i++) {
          out[i] = (float) Math.exp(x[i]);
        }
      }
      case LOG -> {
        for (int i = from; i < to; i++) {
          out[i] = (float) Math.log(x[i]);
        }
      }
      case SQRT -> {
        for (int i = from; i < to; i++) {
          out[i] = (float) Math.sqrt(x[i]);
        }
      }
      case SQUARE -> {
        for (int i = from; i < to; i++) {
          out[i] = x[i] * x[i];
        }
      }
    }
  }

  void unaryBackward(Unary f, int size, float[] x, float[] gradOut, float[] gradX) {
    workers.range(size, GRAIN, (from, to) -> unaryBackward(f, from, to, x, gradOut, gradX));
  }

  private static void unaryBackward(
      Unary f, int from, int to, float[] x, float[] gradOut, float[] gradX) {
    switch (f) {
      case SILU -> {
        for (int i = from; i < to; i++) {
          gradX[i] = (float) (Functions.siluSlope(x[i]) * gradOut[i]);
        }
      }
      case GELU -> {
        for (int i = from; i < to; i++) {
          gradX[i] = (float) (Functions.geluSlope(x[i]) * gradOut[i]);
        }
      }
      case QUICK_GELU -> {
        for (int i = from; i < to; i++) {
          gradX[i] = (float) (Functions.quickGeluSlope(x[i]) * gradOut[i]);
        }
      }
      case GELU_TANH -> {
        for (int i = from; i < to; i++) {
          gradX[i] = (float) (Functions.geluTanhSlope(x[i]) * gradOut[i]);
        }
      }
      case SIGMOID -> {
        for (int i = from; i < to; i++) {
          gradX[i] = (float) (Functions.sigmoidSlope(x[i]) * gradOut[i]);
        }
      }
      case TANH -> {
        for (int i = from; i < to; i++) {
          gradX[i] = (float) (Functions.tanhSlope(x[i]) * gradOut[i]);
        }
      }
      case SOFTPLUS -> {
        for (int i = from; i < to; i++) {
          gradX[i] = (float) (Functions.sigmoid(x[i]) * gradOut[i]);
        }
      }
      case NORMAL_CDF -> {
        for (int i = from; i < to; i++) {
          gradX[i] = (float) (Functions.normalDensity(x[i]) * gradOut[i]);
        }
      }
      case EXP -> {
        for (int i = from; i < to; i++) {
          gradX[i] = (float) (Math.exp(x[i]) * gradOut[i]);
        }
      }
      case LOG -> {
        for (int i = from; i < to; i++) {
          gradX[i] = gradOut[i] / x[i];
        }
      }
      case SQRT -> {
        for (int i = from; i < to; i++) {
          gradX[i] = (float) (0.5 / Math.sqrt(x[i]) * gradOut[i]);
        }
      }
      case SQUARE -> {
        for (int i = from; i < to; i++) {
          gradX[i] = 2 * x[i] * gradOut[i];
        }
      }
    }
  }

  void leakyRelu(int size, float slope, float[] x, float[] out) {
    workers.range(
        size,
        GRAIN,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            out[i] = Math.max(x[i], 0f) + slope * Math.min(x[i], 0f);
          }
        });
  }

  void leakyReluBackward(int size, float slope, float[] x, float[] gradOut, float[] gradX) {
    workers.range(
        size,
        GRAIN,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            gradX[i] = x[i] > 0 ? gradOut[i] : slope * gradOut[i];
          }
        });
  }

  void clamp(int size, float low, float high, float[] x, float[] out) {
    workers.range(
        size,
        GRAIN,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            out[i] = Math.min(Math.max(x[i], low), high);
          }
        });
  }

  void clampBackward(int size, float low, float high, float[] x, float[] gradOut, float[] gradX) {
    workers.range(
        size,
        GRAIN,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            gradX[i] = low <= x[i] && x[i] <= high ? gradOut[i] : 0f;
          }
        });
  }

  void geglu(int rows, int width, float[] x, float[] out) {
    workers.range(
        rows,
        Math.max(1, GRAIN / width),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int value = 2 * row * width;
            int gate = value + width;
            for (int i = 0; i < width; i++) {
              out[row * width + i] = (float) (x[value + i] * Functions.gelu(x[gate + i]));
            }
          }
        });
  }

  void gegluBackward(int rows, int width, float[] x, float[] gradOut, float[] gradX) {
    workers.range(
        rows,
        Math.max(1, GRAIN / width),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int value = 2 * row * width;
            int gate = value + width;
            for (int i = 0; i < width; i++) {
              float g = gradOut[row * width + i];
              gradX[value + i] = (float) (g * Functions.gelu(x[gate + i]));
              gradX[gate + i] = (float) (g * x[value + i] * Functions.geluSlope(x[gate + i]));
            }
          }
        });
  }
}
