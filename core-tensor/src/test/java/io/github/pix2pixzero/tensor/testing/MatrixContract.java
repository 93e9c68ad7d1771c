package io.github.pix2pixzero.tensor.testing;

import static io.github.pix2pixzero.tensor.testing.KernelContract.arrays;
import static io.github.pix2pixzero.tensor.testing.KernelContract.fresh;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;

import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Matrix products and convolutions. */
interface MatrixContract extends KernelContract {
  double TOLERANCE = 1e-5;
  boolean[] BOTH = {false, true};

  @Test
  default void matmulAtAwkwardSizes() {
    int[][] sizes = {
      {1, 1, 1},
      {7, 9, 8},
      {8, 7, 9},
      {15, 16, 17},
      {17, 15, 16},
      {16, 17, 15},
      {31, 33, 1},
      {1, 33, 31},
      {13, 1, 7},
      {5, 300, 40},
      {64, 256, 128},
      {129, 257, 65},
      {66, 130, 513},
      {17, 257, 1024}
    };
    for (int[] size : sizes) {
      for (boolean transposeA : BOTH) {
        for (boolean transposeB : BOTH) {
          matmul(
              new MatmulSpec(
                  1, size[0], size[1], size[2], transposeA, transposeB, false, false, 1f));
        }
      }
    }
  }

  @Test
  default void matmulInBatches() {
    for (int[] size : new int[][] {{3, 7, 9, 8}, {2, 65, 33, 31}, {5, 1, 17, 3}}) {
      for (boolean transposeA : BOTH) {
        for (boolean transposeB : BOTH) {
          for (boolean sharedA : BOTH) {
            for (boolean sharedB : BOTH) {
              matmul(
                  new MatmulSpec(
                      size[0],
                      size[1],
                      size[2],
                      size[3],
                      transposeA,
                      transposeB,
                      sharedA,
                      sharedB,
                      -0.3f));
            }
          }
        }
      }
    }
  }

  private void matmul(MatmulSpec spec) {
    int m = spec.m();
    int n = spec.n();
    int k = spec.k();
    float[] a = random(1, (spec.sharedA() ? 1 : spec.batch()) * m * k);
    float[] b = random(2, (spec.sharedB() ? 1 : spec.batch()) * k * n);
    for (float[] bias : arrays(null, random(3, n))) {
      check(
          spec + (bias == null ? "" : " with bias"),
          TOLERANCE,
          (backend, in, out) -> backend.matmul(spec, in[0], in[1], in[2], out[0]),
          arrays(a, b, bias),
          arrays(fresh(spec.batch() * m * n)));
    }
  }

  /** Tiles whole and cut off, at strides that are multiples of 16 bytes and not; a split sum. */
  @Test
  default void matmulAdd() {
    int[][] sizes = {{1, 1, 1}, {9, 7, 5}, {33, 40, 17}, {130, 72, 24}, {5, 9, 1031}};
    for (int[] size : sizes) {
      for (int batch = 1; batch <= 2; batch++) {
        MatmulSpec spec =
            new MatmulSpec(batch, size[0], size[1], size[2], false, true, false, batch == 2, -0.3f);
        int out = batch * size[0] * size[1];
        for (float[] bias : arrays(null, random(3, size[1]))) {
          check(
              spec + " added" + (bias == null ? "" : " with bias"),
              TOLERANCE,
              (backend, in, to) -> backend.matmulAdd(spec, in[0], in[1], in[2], in[3], to[0]),
              arrays(
                  random(1, batch * size[0] * size[2]),
                  random(2, (spec.sharedB() ? 1 : batch) * size[1] * size[2]),
                  bias,
                  random(4, out)),
              arrays(fresh(out)));
        }
      }
    }
  }

  /** Values and gates in whole chunks of 16 bytes and not. */
  @Test
  default void matmulGeglu() {
    for (int[] size : new int[][] {{1, 2, 1}, {9, 14, 5}, {33, 48, 24}, {130, 272, 40}}) {
      int m = size[0];
      int n = size[1];
      int k = size[2];
      MatmulSpec spec = MatmulSpec.of(m, n, k);
      for (float[] bias : arrays(null, random(3, n))) {
        check(
            spec + " gated" + (bias == null ? "" : " with bias"),
            TOLERANCE,
            (backend, in, to) -> backend.matmulGeglu(spec, in[0], in[1], in[2], to[0]),
            arrays(random(1, m * k), random(2, k * n), bias),
            arrays(fresh(m * n / 2)));
      }
    }
    MatmulSpec batched = new MatmulSpec(3, 5, 6, 7, false, true, false, true, -0.3f);
    check(
        batched + " gated",
        TOLERANCE,
        (backend, in, to) -> backend.matmulGeglu(batched, in[0], in[1], null, to[0]),
        arrays(random(1, 3 * 5 * 7), random(2, 6 * 7)),
        arrays(fresh(3 * 5 * 3)));
  }

  /** A backend may keep a rearranged copy of a constant; no call may meet another's. */
  @Test
  default void constantsServeDifferentProducts() {
    MatmulSpec plain = new MatmulSpec(1, 9, 20, 20, false, false, false, false, 1f);
    MatmulSpec turned = new MatmulSpec(1, 9, 20, 20, false, true, false, false, 1f);
    MatmulSpec left = new MatmulSpec(1, 20, 9, 20, true, false, false, false, 1f);
    check(
        "products with a constant",
        TOLERANCE,
        (backend, in, out) -> {
          in[1].freeze();
          backend.matmul(plain, in[0], in[1], null, out[0]);
          backend.matmul(turned, in[0], in[1], null, out[1]);
          backend.matmul(plain, in[2], in[1], null, out[2]);
          backend.matmul(left, in[1], in[3], null, out[3]);
        },
        arrays(random(1, 180), random(2, 400), random(3, 180), random(4, 180)),
        arrays(fresh(180), fresh(180), fresh(180), fresh(180)));
    Conv2dSpec conv = conv(1, 6, 7, 5, 9, 3, 1, 1, 1, 1, 1);
    check(
        "convolutions with a constant",
        TOLERANCE,
        (backend, in, out) -> {
          in[1].freeze();
          backend.conv2d(conv, in[0], in[1], null, out[0]);
          backend.conv2dInputGradient(conv, in[2], in[1], out[1]);
          backend.conv2d(conv, in[0], in[1], null, out[2]);
          backend.conv2dInputGradient(conv, in[2], in[1], out[3]);
        },
        arrays(random(1, 42 * 5), random(2, 9 * 45), random(3, 42 * 9)),
        arrays(fresh(42 * 9), fresh(42 * 5), fresh(42 * 9), fresh(42 * 5)));
  }

  private static Conv2dSpec conv(
      int batch,
      int height,
      int width,
      int in,
      int out,
      int kernel,
      int stride,
      int top,
      int left,
      int bottom,
      int right) {
    return new Conv2dSpec(batch, height, width, in, out, kernel, stride, top, left, bottom, right);
  }

  List<Conv2dSpec> CONVOLUTIONS =
      List.of(
          conv(1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0),
          conv(1, 1, 1, 3, 2, 3, 1, 1, 1, 1, 1),
          conv(1, 2, 2, 3, 3, 3, 1, 1, 1, 1, 1),
          conv(2, 4, 5, 9, 15, 1, 1, 0, 0, 0, 0),
          conv(1, 6, 7, 4, 4, 1, 2, 0, 0, 0, 0),
          conv(2, 5, 7, 3, 4, 3, 1, 1, 1, 1, 1),
          conv(1, 8, 8, 16, 17, 3, 2, 0, 0, 1, 1),
          conv(2, 7, 9, 3, 5, 3, 2, 0, 0, 1, 1),
          conv(1, 9, 6, 7, 8, 3, 2, 1, 1, 1, 1),
          conv(1, 7, 7, 5, 3, 4, 2, 1, 1, 1, 1),
          conv(1, 5, 6, 2, 3, 4, 1, 2, 1, 1, 2),
          conv(1, 5, 4, 2, 3, 3, 3, 2, 0, 1, 2),
          conv(1, 3, 3, 2, 2, 3, 1, 2, 2, 2, 2),
          conv(1, 40, 3, 8, 9, 3, 1, 1, 1, 1, 1),
          conv(1, 3, 70, 4, 31, 3, 1, 1, 1, 1, 1),
          conv(1, 12, 13, 33, 65, 3, 1, 1, 1, 1, 1),
          conv(1, 9, 17, 65, 130, 3, 1, 1, 1, 1, 1),
          conv(2, 4, 5, 88, 40, 3, 1, 1, 1, 1, 1),
          conv(2, 4, 5, 40, 88, 3, 1, 1, 1, 1, 1),
          // whole vectors of channels, as a backend with a fast algorithm for these may want them
          conv(2, 8, 8, 32, 32, 3, 1, 1, 1, 1, 1),
          conv(1, 13, 17, 48, 33, 3, 1, 0, 0, 0, 0),
          conv(3, 7, 11, 32, 80, 3, 1, 2, 0, 1, 2),
          conv(1, 57, 58, 16, 32, 3, 1, 1, 1, 1, 1));

  @Test
  default void conv2d() {
    for (Conv2dSpec spec : CONVOLUTIONS) {
      for (float[] bias : arrays(null, random(3, spec.outChannels()))) {
        check(
            spec + (bias == null ? "" : " with bias"),
            TOLERANCE,
            (backend, in, out) -> backend.conv2d(spec, in[0], in[1], in[2], out[0]),
            arrays(random(1, inputs(spec)), random(2, weights(spec)), bias),
            arrays(fresh(outputs(spec))));
      }
    }
  }

  @Test
  default void conv2dAdd() {
    for (Conv2dSpec spec : CONVOLUTIONS) {
      check(
          spec + " added",
          TOLERANCE,
          (backend, in, out) -> backend.conv2dAdd(spec, in[0], in[1], in[2], in[3], out[0]),
          arrays(
              random(1, inputs(spec)),
              random(2, weights(spec)),
              random(3, spec.outChannels()),
              random(4, outputs(spec))),
          arrays(fresh(outputs(spec))));
    }
  }

  @Test
  default void conv2dInputGradient() {
    for (Conv2dSpec spec : CONVOLUTIONS) {
      check(
          "input gradient of " + spec,
          TOLERANCE,
          (backend, in, out) -> backend.conv2dInputGradient(spec, in[0], in[1], out[0]),
          arrays(random(1, outputs(spec)), random(2, weights(spec))),
          arrays(fresh(inputs(spec))));
    }
  }

  @Test
  default void conv2dWeightGradient() {
    for (Conv2dSpec spec : CONVOLUTIONS) {
      check(
          "weight gradient of " + spec,
          TOLERANCE,
          (backend, in, out) -> backend.conv2dWeightGradient(spec, in[0], in[1], out[0]),
          arrays(random(1, inputs(spec)), random(2, outputs(spec))),
          arrays(fresh(weights(spec))));
    }
  }

  @Test
  default void modulatedConv2d() {
    for (Conv2dSpec spec : CONVOLUTIONS) {
      for (float[] after : arrays(null, random(4, spec.batch() * spec.outChannels()))) {
        check(
            "modulated " + spec + (after == null ? "" : " and demodulated"),
            TOLERANCE,
            (backend, in, out) -> backend.modulatedConv2d(spec, in[0], in[1], in[2], in[3], out[0]),
            arrays(
                random(1, inputs(spec)),
                random(2, spec.batch() * spec.inChannels()),
                random(3, weights(spec)),
                after),
            arrays(fresh(outputs(spec))));
      }
    }
  }

  @Test
  default void modulatedConv2dInputGradient() {
    for (Conv2dSpec spec : CONVOLUTIONS) {
      for (float[] after : arrays(null, random(4, spec.batch() * spec.inChannels()))) {
        check(
            "input gradient of modulated " + spec + (after == null ? "" : " and demodulated"),
            TOLERANCE,
            (backend, in, out) ->
                backend.modulatedConv2dInputGradient(spec, in[0], in[1], in[2], in[3], out[0]),
            arrays(
                random(1, outputs(spec)),
                random(2, spec.batch() * spec.outChannels()),
                random(3, weights(spec)),
                after),
            arrays(fresh(inputs(spec))));
      }
    }
  }

  private static int inputs(Conv2dSpec spec) {
    return spec.inPixels() * spec.inChannels();
  }

  private static int weights(Conv2dSpec spec) {
    return spec.kernel() * spec.kernel() * spec.inChannels() * spec.outChannels();
  }

  private static int outputs(Conv2dSpec spec) {
    return spec.outPixels() * spec.outChannels();
  }
}
