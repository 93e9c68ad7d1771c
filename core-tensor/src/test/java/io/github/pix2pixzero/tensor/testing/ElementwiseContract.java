package io.github.pix2pixzero.tensor.testing;

import static io.github.pix2pixzero.tensor.testing.KernelContract.arrays;
import static io.github.pix2pixzero.tensor.testing.KernelContract.fresh;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.backend.BroadcastSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.backend.Unary;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Functions of one and of two tensors. */
interface ElementwiseContract extends KernelContract {
  double TOLERANCE = 2e-6;
  int[] SIZES = {1, 7, 8, 9, 15, 16, 17, 31, 33, 1009, 20011};

  /** Ranges of the argument. The last two are where a careless exponential overflows. */
  double[] MAGNITUDES = {1e-3, 1, 10, 100, 1e4};

  private static float[] arguments(Unary f, int size, double magnitude) {
    return switch (f) {
      case LOG, SQRT -> random(1, size, 1e-3 * magnitude, magnitude);
      case EXP -> random(1, size, -Math.min(80, magnitude), Math.min(80, magnitude));
      default -> random(1, size, -magnitude, magnitude);
    };
  }

  @Test
  default void unary() {
    for (Unary f : Unary.values()) {
      for (int size : SIZES) {
        for (double magnitude : MAGNITUDES) {
          float[] x = arguments(f, size, magnitude);
          String what = "%s of %s up to %s".formatted(f, size, magnitude);
          check(
              what,
              TOLERANCE,
              (backend, in, out) -> backend.unary(f, size, in[0], out[0]),
              arrays(x),
              arrays(fresh(size)));
          check(
              what + " in place",
              TOLERANCE,
              (backend, in, out) -> backend.unary(f, size, out[0], out[0]),
              arrays(),
              arrays(x));
        }
      }
    }
  }

  @Test
  default void unaryBackward() {
    for (Unary f : Unary.values()) {
      for (int size : SIZES) {
        for (double magnitude : MAGNITUDES) {
          float[] x = arguments(f, size, magnitude);
          float[] gradOut = random(2, size);
          String what = "backward of %s of %s up to %s".formatted(f, size, magnitude);
          check(
              what,
              TOLERANCE,
              (backend, in, out) -> backend.unaryBackward(f, size, in[0], in[1], out[0]),
              arrays(x, gradOut),
              arrays(fresh(size)));
          check(
              what + " in place",
              TOLERANCE,
              (backend, in, out) -> backend.unaryBackward(f, size, in[0], out[0], out[0]),
              arrays(x),
              arrays(gradOut));
        }
      }
    }
  }

  /** Far out the functions with a sigmoid or Φ are exactly 0 or x, and at 0 they are 0. */
  @Test
  default void activationsAtTheirEnds() {
    float[] x = {-1e4f, -300, 0f, -0f, 300, 1e4f, 1e-30f};
    for (Unary f : List.of(Unary.SILU, Unary.GELU, Unary.QUICK_GELU)) {
      check(
          f + " at its ends",
          1e-7,
          (backend, in, out) -> {
            backend.unary(f, x.length, in[0], out[0]);
            backend.unaryBackward(f, x.length, in[0], in[1], out[1]);
          },
          arrays(x, new float[] {1, 1, 1, 1, 1, 1, 1}),
          arrays(fresh(x.length), fresh(x.length)));
    }
  }

  @Test
  default void affine() {
    for (int size : SIZES) {
      float[] x = random(1, size);
      check(
          "affine of " + size,
          TOLERANCE,
          (backend, in, out) -> backend.affine(size, in[0], -1.7f, 0.3f, out[0]),
          arrays(x),
          arrays(fresh(size)));
      check(
          "affine of " + size + " in place",
          TOLERANCE,
          (backend, in, out) -> backend.affine(size, out[0], -1.7f, 0.3f, out[0]),
          arrays(),
          arrays(x));
    }
  }

  @Test
  default void leakyRelu() {
    for (int size : SIZES) {
      for (float slope : new float[] {0, 0.2f, 1.5f, -0.3f}) {
        float[] x = withZeros(size);
        check(
            "leaky ReLU of %s with slope %s".formatted(size, slope),
            TOLERANCE,
            (backend, in, out) -> {
              backend.leakyRelu(size, slope, in[0], out[0]);
              backend.leakyReluBackward(size, slope, in[0], in[1], out[1]);
              backend.leakyRelu(size, slope, out[2], out[2]);
              backend.leakyReluBackward(size, slope, in[0], out[3], out[3]);
            },
            arrays(x, random(2, size)),
            arrays(fresh(size), fresh(size), x, random(2, size)));
      }
    }
  }

  @Test
  default void clamp() {
    for (int size : SIZES) {
      for (float[] bounds : arrays(new float[] {-0.25f, 0.5f}, new float[] {0, 1e9f})) {
        float low = bounds[0];
        float high = bounds[1];
        float[] x = withZeros(size);
        check(
            "clamp of %s to %s … %s".formatted(size, low, high),
            0,
            (backend, in, out) -> {
              backend.clamp(size, low, high, in[0], out[0]);
              backend.clampBackward(size, low, high, in[0], in[1], out[1]);
              backend.clamp(size, low, high, out[2], out[2]);
              backend.clampBackward(size, low, high, in[0], out[3], out[3]);
            },
            arrays(x, random(2, size)),
            arrays(fresh(size), fresh(size), x, random(2, size)));
      }
    }
  }

  /** Numbers between -1 and 1, among them the corners of the functions that are checked. */
  private static float[] withZeros(int size) {
    float[] x = random(1, size);
    for (int i = 0; i < size; i += 5) {
      x[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? 0.5f : -0.25f;
    }
    return x;
  }

  @Test
  default void equalNumbersAndNumbersThatAreNone() {
    float[] a = {1, 2, -0f, Float.NaN, 3, 3.0000002f};
    float[] b = {1, -2, 0f, Float.NaN, Float.NaN, 3};
    BroadcastSpec abreast = spec(shape(6), strides(1), strides(1));
    Backend backend = backend(1);
    Storage left = backend.allocate(6);
    Storage right = backend.allocate(6);
    Storage out = backend.allocate(6);
    backend.upload(a, 0, left);
    backend.upload(b, 0, right);
    float[] result = new float[6];
    backend.binary(Binary.EQUAL, abreast, left, right, out);
    backend.download(out, result, 0);
    assertThat(result).containsExactly(1, 0, 1, 0, 0, 0);
    for (Binary f : List.of(Binary.MAX, Binary.MIN)) {
      backend.binary(f, abreast, left, right, out);
      backend.download(out, result, 0);
      assertThat(result[3]).as("%s of NaN and NaN", f).isNaN();
      assertThat(result[4]).as("%s of a number and NaN", f).isNaN();
    }
  }

  @Test
  default void binaryAbreast() {
    for (Binary f : Binary.values()) {
      for (int size : SIZES) {
        BroadcastSpec spec = new BroadcastSpec(new int[] {size}, new int[] {1}, new int[] {1});
        float[] a = random(1, size);
        float[] b = random(2, size, 0.5, 1.5);
        check(
            f + " of " + size,
            TOLERANCE,
            (backend, in, out) -> backend.binary(f, spec, in[0], in[1], out[0]),
            arrays(a, b),
            arrays(fresh(size)));
        check(
            f + " of " + size + " in place",
            TOLERANCE,
            (backend, in, out) -> backend.binary(f, spec, out[0], in[0], out[0]),
            arrays(b),
            arrays(a));
      }
    }
  }

  @Test
  default void binaryWithBroadcasting() {
    List<BroadcastSpec> specs =
        List.of(
            spec(shape(17), strides(1), strides(0)),
            spec(shape(33), strides(0), strides(1)),
            spec(shape(9), strides(0), strides(0)),
            spec(shape(5, 7), strides(7, 1), strides(0, 1)),
            spec(shape(5, 16), strides(16, 1), strides(1, 0)),
            spec(shape(5, 31), strides(0, 1), strides(31, 1)),
            spec(shape(7, 9), strides(1, 0), strides(0, 1)),
            spec(shape(3, 5, 7), strides(7, 0, 1), strides(0, 1, 0)),
            spec(shape(3, 5, 8), strides(5, 1, 0), strides(8, 0, 1)),
            spec(shape(2, 3, 4, 5), strides(0, 20, 0, 1), strides(12, 0, 3, 0)),
            spec(shape(300, 129), strides(129, 1), strides(0, 1)),
            spec(shape(129, 300), strides(300, 1), strides(1, 0)),
            spec(shape(7001, 3), strides(3, 1), strides(0, 1)),
            spec(shape(3, 1500, 16), strides(24000, 16, 1), strides(16, 0, 1)),
            spec(shape(2, 33, 700), strides(23100, 700, 1), strides(700, 0, 1)),
            spec(shape(40000), strides(1), strides(0)));
    for (Binary f : Binary.values()) {
      for (BroadcastSpec spec : specs) {
        int size = Arrays.stream(spec.shape()).reduce(1, (x, y) -> x * y);
        check(
            "%s of %s by %s and %s"
                .formatted(
                    f,
                    Arrays.toString(spec.shape()),
                    Arrays.toString(spec.aStrides()),
                    Arrays.toString(spec.bStrides())),
            TOLERANCE,
            (backend, in, out) -> backend.binary(f, spec, in[0], in[1], out[0]),
            arrays(
                random(1, span(spec.shape(), spec.aStrides())),
                random(2, span(spec.shape(), spec.bStrides()), 0.5, 1.5)),
            arrays(fresh(size)));
      }
    }
  }

  private static BroadcastSpec spec(int[] shape, int[] aStrides, int[] bStrides) {
    return new BroadcastSpec(shape, aStrides, bStrides);
  }

  private static int[] shape(int... dims) {
    return dims;
  }

  private static int[] strides(int... strides) {
    return strides;
  }

  /** The elements that a walk reaches into. */
  private static int span(int[] shape, int[] strides) {
    int last = 0;
    for (int i = 0; i < shape.length; i++) {
      last += (shape[i] - 1) * strides[i];
    }
    return last + 1;
  }

  @Test
  default void geglu() {
    for (int width : SIZES) {
      for (int rows : new int[] {1, 3}) {
        for (double magnitude : new double[] {1, 10}) {
          check(
              "GEGLU of %s x %s".formatted(rows, width),
              TOLERANCE,
              (backend, in, out) -> backend.geglu(rows, width, in[0], out[0]),
              arrays(random(1, 2 * rows * width, -magnitude, magnitude)),
              arrays(fresh(rows * width)));
        }
      }
    }
  }

  @Test
  default void gegluBackward() {
    for (int width : SIZES) {
      for (int rows : new int[] {1, 3}) {
        for (double magnitude : new double[] {1, 10}) {
          check(
              "backward of GEGLU of %s x %s".formatted(rows, width),
              TOLERANCE,
              (backend, in, out) -> backend.gegluBackward(rows, width, in[0], in[1], out[0]),
              arrays(random(1, 2 * rows * width, -magnitude, magnitude), random(2, rows * width)),
              arrays(fresh(2 * rows * width)));
        }
      }
    }
  }
}
