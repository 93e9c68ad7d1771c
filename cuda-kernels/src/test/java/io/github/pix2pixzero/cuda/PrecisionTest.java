package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.tensor.testing.KernelContract.arrays;
import static io.github.pix2pixzero.tensor.testing.KernelContract.fresh;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pix2pixzero.tensor.backend.AdamSpec;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.tensor.testing.KernelContract;
import io.github.pix2pixzero.tensor.testing.SameOnEveryJdk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Products of tensors that are stored in float32. Of factors that the type they are rounded to
 * holds exactly they are as exact as in float32; of others they are off by the rounding.
 */
@SameOnEveryJdk
class PrecisionTest {
  private static final double EXACT = 1e-6;

  /** The rounding of a factor: half a unit in the last of 10 places. */
  private static final double TF32_ROUNDING = Math.scalb(1.0, -11);

  private record Contract(Precision precision) implements KernelContract {
    @Override
    public CudaBackend backend(int threads) {
      return new CudaBackend(precision);
    }

    @Override
    public int[] threadCounts() {
      return new int[] {1};
    }
  }

  private static Contract contract(Precision precision) {
    assumeTrue(Device.first().capability() >= precision.capability());
    return new Contract(precision);
  }

  /** Multiples of 1/64 up to 1: seven bits. */
  private static float[] short7(long seed, int size) {
    float[] values = random(seed, size);
    for (int i = 0; i < size; i++) {
      values[i] = Math.round(values[i] * 64) / 64f;
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "TF32"})
  void productsOfShortFactorsAreExact(Precision precision) {
    int[][] sizes = {{1, 1, 1}, {17, 9, 33}, {65, 130, 70}, {130, 129, 40}};
    for (int[] size : sizes) {
      for (boolean a : new boolean[] {false, true}) {
        for (boolean b : new boolean[] {false, true}) {
          MatmulSpec spec = new MatmulSpec(1, size[0], size[1], size[2], a, b, false, false, 0.5f);
          contract(precision)
              .check(
                  precision + " " + spec,
                  EXACT,
                  (backend, in, out) -> backend.matmul(spec, in[0], in[1], in[2], out[0]),
                  arrays(
                      short7(1, size[0] * size[2]),
                      short7(2, size[2] * size[1]),
                      random(3, size[1])),
                  arrays(fresh(size[0] * size[1])));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "TF32"})
  void convolutionsOfShortFactorsAreExact(Precision precision) {
    for (int channels : new int[] {5, 8}) {
      Conv2dSpec spec = new Conv2dSpec(2, 9, 10, channels, 70, 3, 2, 0, 1, 1, 1);
      float[] x = short7(1, spec.inPixels() * channels);
      float[] weight = short7(2, 9 * channels * 70);
      float[] gradOut = short7(3, spec.outPixels() * 70);
      contract(precision)
          .check(
              precision + " " + spec,
              EXACT,
              (backend, in, out) -> {
                backend.conv2d(spec, in[0], in[1], in[3], out[0]);
                backend.conv2dInputGradient(spec, in[2], in[1], out[1]);
                backend.conv2dWeightGradient(spec, in[0], in[2], out[2]);
              },
              arrays(x, weight, gradOut, random(4, 70)),
              arrays(
                  fresh(spec.outPixels() * 70),
                  fresh(spec.inPixels() * channels),
                  fresh(9 * channels * 70)));
    }
  }

  /** Factors of seven bits times styles of three. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "TF32"})
  void modulatedConvolutionsOfShortFactorsAreExact(Precision precision) {
    for (int channels : new int[] {5, 88}) {
      Conv2dSpec spec = new Conv2dSpec(2, 4, 5, channels, 40, 3, 1, 1, 1, 1, 1);
      float[] before = styles(1, 2 * channels);
      float[] after = styles(3, 2 * 40);
      contract(precision)
          .check(
              precision + " modulated " + spec,
              EXACT,
              (backend, x, out) -> {
                backend.modulatedConv2d(spec, x[0], x[1], x[2], x[3], out[0]);
                backend.modulatedConv2dInputGradient(spec, x[4], x[3], x[2], x[1], out[1]);
              },
              arrays(
                  short7(1, spec.inPixels() * channels),
                  before,
                  short7(2, 9 * channels * 40),
                  after,
                  short7(3, spec.outPixels() * 40)),
              arrays(fresh(spec.outPixels() * 40), fresh(spec.inPixels() * channels)));
    }
  }

  private static float[] styles(int step, int size) {
    float[] styles = new float[size];
    for (int i = 0; i < size; i++) {
      styles[i] = new float[] {-1, 0.75f, 0.5f, -0.25f, 1}[i * step % 5];
    }
    return styles;
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "TF32"})
  void productsOfLongFactorsAreOffByTheirRounding(Precision precision) {
    MatmulSpec spec = MatmulSpec.of(40, 50, 300);
    double tolerance = precision == Precision.FLOAT32 ? EXACT : 2 * TF32_ROUNDING;
    contract(precision)
        .check(
            precision.toString(),
            tolerance,
            (backend, in, out) -> backend.matmul(spec, in[0], in[1], null, out[0]),
            arrays(random(1, 40 * 300), random(2, 300 * 50)),
            arrays(fresh(40 * 50)));
  }

  /** What optimisers train is not rounded, however tensors are stored. */
  @Test
  void smallStepsOfTrainingAreNotLost() {
    CudaBackend backend = new CudaBackend(Precision.FLOAT16);
    Storage parameter = full(backend, 1);
    Storage mean = full(backend, 0);
    Storage square = full(backend, 0);
    Storage gradient = full(backend, 1);
    float step = 1e-5f;
    for (int i = 0; i < 100; i++) {
      backend.adam(new AdamSpec(5, 0, 1, 1, 1, step, 1, 0), gradient, parameter, mean, square);
    }
    assertThat(first(backend, parameter)).isCloseTo(1 - 100 * step, within(5e-6f));
    Storage doubled = backend.allocate(5);
    backend.affine(5, parameter, 2, 0, doubled);
    assertThat(first(backend, doubled)).isCloseTo(2 - 200 * step, within(0x1p-11f + 1e-5f));
    for (Storage storage : List.of(parameter, mean, square, gradient, doubled)) {
      storage.release();
    }
  }

  /** Weights of 16 bits arrive as they are, or as what tensors are stored as. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT16", "BFLOAT16"})
  void shortWeightsAreNotChanged(Precision precision) {
    CudaBackend backend = contract(precision).backend(1);
    short[] halves = {0x3c00, (short) 0xc000, 0x3555}; // 1, -2 and about 1/3
    short[] brains = {0x3f80, (short) 0xc000, 0x3eab};
    for (StoredType type : List.of(StoredType.F16, StoredType.BF16)) {
      ByteBuffer data = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
      data.asShortBuffer().put(type == StoredType.F16 ? halves : brains);
      Storage constant = backend.constant(type, data);
      assertThat(constant.isConstant()).isTrue();
      assertThat(constant.elementBytes()).isEqualTo(precision == Precision.FLOAT32 ? 4 : 2);
      float[] values = new float[3];
      backend.download(constant, values, 0);
      constant.release();
      float third = type == StoredType.F16 ? 0x1.554p-2f : 0x1.56p-2f;
      boolean kept = precision != Precision.BFLOAT16 || type == StoredType.BF16;
      assertThat(values).containsExactly(1f, -2f, kept ? third : 0x1.56p-2f);
    }
  }

  private static Storage full(CudaBackend backend, float value) {
    Storage storage = backend.allocate(5);
    backend.fill(value, storage);
    return storage;
  }

  private static float first(CudaBackend backend, Storage storage) {
    float[] values = new float[5];
    backend.download(storage, values, 0);
    return values[0];
  }

  @Test
  void precisionsHaveNames() {
    assertThat(Precision.named("bfloat16")).isEqualTo(Precision.BFLOAT16);
    assertThatThrownBy(() -> Precision.named("half"))
        .hasMessage("there is no precision named half; there are float32, tf32, float16, bfloat16");
  }
}
