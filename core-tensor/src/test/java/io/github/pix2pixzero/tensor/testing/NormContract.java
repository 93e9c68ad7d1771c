package io.github.pix2pixzero.tensor.testing;

import static io.github.pix2pixzero.tensor.testing.KernelContract.arrays;
import static io.github.pix2pixzero.tensor.testing.KernelContract.fresh;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;

import io.github.pix2pixzero.tensor.backend.GroupNormSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Normalisation and softmax. */
interface NormContract extends KernelContract {
  double TOLERANCE = 1e-5;

  /** A mean of 1000 in single precision is off by up to 3e-5 of a deviation of 0.6. */
  double FAR_TOLERANCE = 1e-4;

  float EPSILON = 1e-5f;
  int[] WIDTHS = {3, 7, 8, 9, 15, 16, 17, 31, 33, 77, 257, 4099};

  /** Batch, pixels, channels, groups. A group of two has a gradient of zero, so none is here. */
  List<int[]> GROUPS =
      List.of(
          new int[] {1, 3, 1, 1},
          new int[] {2, 7, 8, 2},
          new int[] {3, 5, 9, 3},
          new int[] {1, 33, 32, 32},
          new int[] {1, 16, 34, 2},
          new int[] {2, 257, 64, 8},
          new int[] {2, 600, 60, 4},
          new int[] {1, 3, 2048, 32});

  @Test
  default void groupNorm() {
    for (int[] size : GROUPS) {
      for (boolean silu : new boolean[] {false, true}) {
        GroupNormSpec spec = new GroupNormSpec(size[0], size[1], size[2], size[3], EPSILON, silu);
        int channels = spec.channels();
        check(
            spec.toString(),
            TOLERANCE,
            (backend, in, out) -> backend.groupNorm(spec, in[0], in[1], in[2], out[0], out[1]),
            arrays(input(spec), random(2, channels), random(3, channels)),
            arrays(fresh(size[0] * size[1] * channels), fresh(size[0] * size[3] * 2)));
      }
    }
  }

  /** A mean of a thousand deviations, and a corner that is far from it. */
  @Test
  default void groupNormFarFromZero() {
    GroupNormSpec spec = new GroupNormSpec(2, 600, 32, 4, EPSILON, false);
    float[] x = random(1, 2 * 600 * 32, 999, 1001);
    Arrays.fill(x, 0, 32, -1000f);
    check(
        spec + " far from zero",
        FAR_TOLERANCE,
        (backend, in, out) -> backend.groupNorm(spec, in[0], in[1], in[2], out[0], out[1]),
        arrays(x, random(2, 32), random(3, 32)),
        arrays(fresh(x.length), fresh(2 * 4 * 2)));
  }

  @Test
  default void groupNormBackward() {
    for (int[] size : GROUPS) {
      for (boolean silu : new boolean[] {false, true}) {
        for (boolean parameters : new boolean[] {false, true}) {
          GroupNormSpec spec = new GroupNormSpec(size[0], size[1], size[2], size[3], EPSILON, silu);
          int channels = spec.channels();
          int elements = size[0] * size[1] * channels;
          check(
              "backward of " + spec,
              TOLERANCE,
              (backend, in, out) ->
                  backend.groupNormBackward(
                      spec, in[0], in[1], in[2], in[3], in[4], out[0], out[1], out[2]),
              arrays(
                  input(spec),
                  random(2, channels),
                  random(3, channels),
                  stats(spec),
                  random(4, elements)),
              arrays(
                  fresh(elements),
                  parameters ? fresh(channels) : null,
                  parameters ? fresh(channels) : null));
        }
      }
    }
  }

  private static float[] input(GroupNormSpec spec) {
    return random(1, spec.batch() * spec.pixels() * spec.channels(), -1, 3);
  }

  private static float[] stats(GroupNormSpec spec) {
    OracleBackend oracle = new OracleBackend();
    float[] zeros = new float[spec.channels()];
    float[] x = input(spec);
    Storage stats = oracle.allocate(spec.batch() * spec.groups() * 2);
    oracle.groupNorm(
        spec,
        stored(oracle, x),
        stored(oracle, zeros),
        stored(oracle, zeros),
        oracle.allocate(x.length),
        stats);
    float[] result = new float[stats.size()];
    oracle.download(stats, result, 0);
    return result;
  }

  private static Storage stored(OracleBackend oracle, float[] values) {
    Storage storage = oracle.allocate(values.length);
    oracle.upload(values, 0, storage);
    return storage;
  }

  @Test
  default void layerNorm() {
    for (int width : WIDTHS) {
      for (int rows : new int[] {1, 2, 13}) {
        check(
            "layer norm of %s x %s".formatted(rows, width),
            TOLERANCE,
            (backend, in, out) ->
                backend.layerNorm(rows, width, EPSILON, in[0], in[1], in[2], out[0], out[1]),
            arrays(random(1, rows * width, -1, 3), random(2, width), random(3, width)),
            arrays(fresh(rows * width), fresh(2 * rows)));
      }
    }
  }

  @Test
  default void layerNormBackward() {
    for (int width : WIDTHS) {
      for (int rows : new int[] {1, 2, 13}) {
        for (boolean parameters : new boolean[] {false, true}) {
          float[] stats = stats(new GroupNormSpec(rows, 1, width, 1, EPSILON, false));
          check(
              "backward of layer norm of %s x %s".formatted(rows, width),
              TOLERANCE,
              (backend, in, out) ->
                  backend.layerNormBackward(
                      rows, width, in[0], in[1], in[2], in[3], out[0], out[1], out[2]),
              arrays(
                  random(1, rows * width, -1, 3), random(2, width), stats, random(4, rows * width)),
              arrays(
                  fresh(rows * width),
                  parameters ? fresh(width) : null,
                  parameters ? fresh(width) : null));
        }
      }
    }
  }

  @Test
  default void softmax() {
    for (int width : WIDTHS) {
      for (int rows : new int[] {1, 5}) {
        for (float[] x :
            arrays(
                random(1, rows * width, -10, 10),
                random(2, rows * width, 1000, 1010),
                random(3, rows * width, -1010, -1000))) {
          check(
              "softmax of %s x %s".formatted(rows, width),
              TOLERANCE,
              (backend, in, out) -> backend.softmax(rows, width, in[0], out[0]),
              arrays(x),
              arrays(fresh(rows * width)));
        }
      }
    }
  }

  @Test
  default void softmaxOfSingleElementsIsOne() {
    check(
        "softmax of 5 x 1",
        0,
        (backend, in, out) -> backend.softmax(5, 1, in[0], out[0]),
        arrays(random(1, 5)),
        arrays(fresh(5)));
  }

  @Test
  default void softmaxBackward() {
    for (int width : WIDTHS) {
      for (int rows : new int[] {1, 5}) {
        check(
            "backward of softmax of %s x %s".formatted(rows, width),
            TOLERANCE,
            (backend, in, out) -> backend.softmaxBackward(rows, width, in[0], in[1], out[0]),
            arrays(random(1, rows * width, 0, 2.0 / width), random(2, rows * width)),
            arrays(fresh(rows * width)));
      }
    }
  }
}
