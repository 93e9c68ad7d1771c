package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.tensor.testing.KernelContract.arrays;
import static io.github.pix2pixzero.tensor.testing.KernelContract.fresh;
import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.backend.BroadcastSpec;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.tensor.testing.SameOnEveryJdk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The contract with tensors stored in 16 bits. Inputs are rounded to what can be stored, so that
 * only the rounding of results remains, half a unit in the last place of the largest element, and
 * in attention that of what lies between two products.
 */
@SameOnEveryJdk
abstract class ShortBackendContract extends CudaContract {
  private final Precision precision;

  /** What results may be off by beside float32's tolerance. */
  private double units = 0.5;

  /** The tile that products are to be cut into, or null. */
  private String tile;

  ShortBackendContract(Precision precision) {
    this.precision = precision;
  }

  @Override
  public Backend backend(int threads) {
    assumeTrue(Device.first().capability() >= precision.capability());
    return new CudaBackend(precision, tile);
  }

  @Override
  public void check(String what, double tolerance, Kernel kernel, float[][] in, float[][] out) {
    double unit = Math.scalb(1.0, -mantissa());
    double wider = tolerance == 0 ? 0 : tolerance + units * unit;
    super.check(what, wider, kernel, rounded(in), rounded(out));
  }

  private int mantissa() {
    return precision == Precision.FLOAT16 ? 10 : 7;
  }

  private float[][] rounded(float[][] arrays) {
    float[][] result = new float[arrays.length][];
    for (int i = 0; i < arrays.length; i++) {
      result[i] = arrays[i] == null ? null : rounded(arrays[i]);
    }
    return result;
  }

  private float[] rounded(float[] values) {
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = stored(values[i]);
    }
    return result;
  }

  /** To the nearest, ties to even. */
  @Override
  float stored(float value) {
    if (!Float.isFinite(value)) {
      return value;
    }
    if (precision == Precision.FLOAT16 && Math.abs(value) >= 65520) {
      return Math.copySign(Float.POSITIVE_INFINITY, value);
    }
    int least = precision == Precision.FLOAT16 ? -14 : Float.MIN_EXPONENT;
    int exponent = Math.max(Math.getExponent(value), least) - mantissa();
    return (float) Math.scalb(Math.rint(Math.scalb((double) value, -exponent)), exponent);
  }

  /** Of arguments whose results 16 bits can hold. */
  @Override
  @Test
  public void unary() {
    for (Unary f : Unary.values()) {
      for (int size : new int[] {1, 7, 8, 1003}) {
        check(
            f + " of " + size,
            1e-5,
            (backend, in, out) -> backend.unary(f, size, in[0], out[0]),
            arrays(arguments(f, size)),
            arrays(fresh(size)));
      }
    }
  }

  @Override
  @Test
  public void unaryBackward() {
    for (Unary f : Unary.values()) {
      for (int size : new int[] {1, 7, 8, 1003}) {
        check(
            "backward of " + f + " of " + size,
            1e-5,
            (backend, in, out) -> backend.unaryBackward(f, size, in[0], in[1], out[0]),
            arrays(arguments(f, size), random(2, size)),
            arrays(fresh(size)));
      }
    }
  }

  private static float[] arguments(Unary f, int size) {
    return f == Unary.LOG || f == Unary.SQRT ? random(1, size, 0.1, 6) : random(1, size, -6, 6);
  }

  @Override
  @Test
  public void equalNumbersAndNumbersThatAreNone() {
    float[] a = {1, 0, 2, Float.NaN, 3, Float.POSITIVE_INFINITY};
    float[] b = {1, -0f, 3, Float.NaN, Float.NaN, Float.POSITIVE_INFINITY};
    check(
        "equal",
        0,
        (backend, in, out) ->
            backend.binary(
                Binary.EQUAL,
                new BroadcastSpec(new int[] {6}, new int[] {1}, new int[] {1}),
                in[0],
                in[1],
                out[0]),
        arrays(a, b),
        arrays(fresh(6)));
  }

  @Override
  @Test
  public void wideConstantsAreDecodedAsWell() {
    ByteBuffer data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    Storage constant =
        backend(1).constant(StoredType.F64, data.putDouble(0.1).putDouble(-2).flip());
    float[] values = new float[2];
    backend(1).download(constant, values, 0);
    assertThat(values).containsExactly(stored(0.1f), -2);
  }

  @Override
  @Test
  public void fill() {
    for (int size : new int[] {1, 7, 1003}) {
      check(
          "fill " + size,
          0,
          (backend, in, out) -> backend.fill(-0.75f, out[0]),
          arrays(),
          arrays(fresh(size)));
    }
  }

  @Override
  @Test
  public void uploadAndDownloadHonourTheirOffsets() {
    Backend backend = backend(1);
    float[] source = rounded(random(1, 20));
    Storage storage = backend.allocate(7);
    backend.upload(source, 7, storage);
    float[] target = new float[20];
    backend.download(storage, target, 3);
    storage.release();
    assertThat(Arrays.copyOfRange(target, 3, 10)).isEqualTo(Arrays.copyOfRange(source, 7, 14));
    assertThat(target[2]).isZero();
    assertThat(target[10]).isZero();
  }

  /** Numbers that the type lacks are rounded to the nearest, ties to even. */
  @Test
  public void uploadsAreRounded() {
    Backend backend = backend(1);
    float[] values = random(1, 1001, -3, 3);
    values[0] = 1 + (float) Math.scalb(0.5, -mantissa());
    values[1] = 1 + (float) Math.scalb(1.5, -mantissa());
    Storage storage = backend.allocate(values.length);
    backend.upload(values, 0, storage);
    float[] stored = new float[values.length];
    backend.download(storage, stored, 0);
    storage.release();
    assertThat(stored).isEqualTo(rounded(values));
  }

  /** Tiles of every size, whole and cut off, in every direction; chunks of 16 bytes and without. */
  @ParameterizedTest
  @ValueSource(strings = {"large", "medium", "small"})
  void productsOfManyTiles(String name) {
    tile = name;
    int[][] sizes = {
      {128, 128, 64}, {136, 264, 104}, {200, 72, 328}, {130, 131, 67}, {64, 64, 1024}, {9, 8, 2056}
    };
    for (int[] size : sizes) {
      for (boolean a : new boolean[] {false, true}) {
        for (boolean b : new boolean[] {false, true}) {
          MatmulSpec spec = new MatmulSpec(1, size[0], size[1], size[2], a, b, false, false, 0.25f);
          check(
              spec.toString(),
              1e-5,
              (backend, in, out) -> backend.matmul(spec, in[0], in[1], in[2], out[0]),
              arrays(
                  random(1, size[0] * size[2]), random(2, size[2] * size[1]), random(3, size[1])),
              arrays(fresh(size[0] * size[1])));
        }
      }
    }
  }

  static Stream<String> groups() {
    return Stream.of("group_", "bulk_")
        .flatMap(kind -> Stream.of("large", "medium", "small").map(kind::concat));
  }

  /** What {@code warpgroup.cuh} multiplies, on whatever tiles are cut off. */
  @ParameterizedTest
  @MethodSource("groups")
  void productsByGroupsOfWarps(String name) {
    assumeTrue(Device.first().capability() == 90);
    tile = name;
    int[][] sizes = {
      {1, 128, 256, 64},
      {2, 136, 168, 328},
      {1, 72, 320, 8},
      {1, 64, 160, 128},
      {1, 24, 40, 1032},
      {3, 8, 24, 776}
    };
    for (int[] size : sizes) {
      int m = size[1];
      int n = size[2];
      int k = size[3];
      for (boolean a : new boolean[] {false, true}) {
        for (boolean b : new boolean[] {false, true}) {
          MatmulSpec spec = new MatmulSpec(size[0], m, n, k, a, b, false, false, 0.25f);
          check(
              name + ", " + spec,
              1e-5,
              (backend, in, out) -> backend.matmul(spec, in[0], in[1], in[2], out[0]),
              arrays(random(1, size[0] * m * k), random(2, size[0] * k * n), random(3, n)),
              arrays(fresh(size[0] * m * n)));
        }
      }
    }
  }

  /** A race would show as other bits, on a GPU that has many blocks to choose from. */
  @ParameterizedTest
  @ValueSource(strings = {"large", "group_large", "group_medium", "group_small", "bulk_medium"})
  void manyTilesGiveTheSameBitsEachTime(String name) {
    assumeTrue(Device.first().capability() == 90 || name.equals("large"));
    tile = name;
    int m = EMULATED ? 136 : 2048;
    int n = EMULATED ? 320 : 640;
    int k = EMULATED ? 192 : 5760;
    Backend backend = backend(1);
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(backend, random(1, m * k), m, k);
      Tensor weight = Tensor.of(backend, random(2, k * n), k, n);
      float[] product = x.matmul(weight).toFloats();
      tile = "small";
      Backend other = backend(1);
      float[] expected = new float[m * n];
      Storage out = other.allocate(m * n);
      other.matmul(MatmulSpec.of(m, n, k), x.storage(), weight.storage(), null, out);
      other.download(out, expected, 0);
      out.release();
      assertClose(product, expected, Math.scalb(1.0, -mantissa()));
      for (int i = 0; i < (EMULATED ? 1 : 20); i++) {
        assertThat(x.matmul(weight).toFloats()).isEqualTo(product);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"large", "medium", "small", "group_large", "group_medium", "group_small"})
  void gatedProducts(String name) {
    assumeTrue(Device.first().capability() == 90 || !name.startsWith("group"));
    tile = name;
    matmulGeglu();
  }

  @ParameterizedTest
  @MethodSource("groups")
  void convolutionsByGroupsOfWarps(String name) {
    assumeTrue(Device.first().capability() == 90);
    convolutionsInWholeChunks(name);
    convolution(new Conv2dSpec(1, 17, 16, 168, 176, 1, 1, 0, 0, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"large", "medium", "small"})
  void convolutionsInWholeChunks(String name) {
    tile = name;
    for (int stride : new int[] {1, 2}) {
      convolution(new Conv2dSpec(2, 9, 10, 24, 40, 3, stride, 1, 1, 1, 1));
    }
  }

  private void convolution(Conv2dSpec spec) {
    int weights = spec.kernel() * spec.kernel() * spec.inChannels() * spec.outChannels();
    int in = spec.inPixels() * spec.inChannels();
    int out = spec.outPixels() * spec.outChannels();
    check(
        spec.toString(),
        1e-5,
        (backend, from, to) -> {
          backend.conv2d(spec, from[0], from[1], from[3], to[0]);
          backend.conv2dInputGradient(spec, from[2], from[1], to[1]);
          backend.conv2dWeightGradient(spec, from[0], from[2], to[2]);
        },
        arrays(random(1, in), random(2, weights), random(3, out), random(4, spec.outChannels())),
        arrays(fresh(out), fresh(in), fresh(weights)));
  }

  /** Probabilities are rounded for their product with the values. */
  @Override
  @Test
  public void attention() {
    units = 1;
    super.attention();
  }

  /** The product is rounded before it is added to, and then the sum. */
  @Override
  @Test
  public void matmulAdd() {
    units = 1;
    super.matmulAdd();
  }

  /** The product of other layouts is rounded before its halves are multiplied. */
  @Override
  @Test
  public void matmulGeglu() {
    units = 2;
    super.matmulGeglu();
  }

  /** As {@link #matmulAdd}. */
  @Override
  @Test
  public void conv2dAdd() {
    units = 1;
    super.conv2dAdd();
  }

  /** The input times its scales is rounded to a factor, and a sum may be smaller than its parts. */
  @Override
  @Test
  public void modulatedConv2d() {
    units = 2;
    super.modulatedConv2d();
  }

  /** As {@link #modulatedConv2d}. */
  @Override
  @Test
  public void modulatedConv2dInputGradient() {
    units = 2;
    super.modulatedConv2dInputGradient();
  }

  /** Of more keys than a block takes, scores are stored; they reach 16 here. */
  @Override
  @Test
  public void attentionProbs() {
    units = 8;
    super.attentionProbs();
  }

  /** So are the gradients of those scores. */
  @Override
  @Test
  public void attentionProbsBackward() {
    units = 1;
    super.attentionProbsBackward();
  }

  /** Nothing lies between where one block computes the probabilities of all keys. */
  @Test
  void probabilitiesOfFewKeys() {
    for (int headDim : new int[] {8, 16, 40, 64, 80, 160}) {
      for (int keys : new int[] {5, 77, 80}) {
        AttentionSpec spec =
            new AttentionSpec(2, 2, 67, keys, headDim, (float) (1 / Math.sqrt(headDim)), false);
        int queries = 2 * 67 * spec.width();
        int context = 2 * keys * spec.width();
        int probs = 2 * 2 * 67 * keys;
        check(
            spec.toString(),
            1e-5,
            (backend, in, out) -> {
              backend.attentionProbs(spec, in[0], in[1], out[0]);
              backend.attentionApply(spec, in[2], in[1], out[1]);
              backend.attentionApplyBackward(spec, in[2], in[1], in[0], out[2], out[3]);
            },
            arrays(
                random(1, queries, -4, 4),
                random(2, context, -4, 4),
                random(3, probs, 0, 2.0 / keys)),
            arrays(fresh(probs), fresh(queries), fresh(probs), fresh(context)));
      }
    }
  }

  /**
   * After the forward pass, whose logarithms of sums stay float32: as inputs of 16 bits they would
   * be off by a percent. Every head dimension that has kernels of its own, and some that have none,
   * over tiles that are cut off.
   */
  @Override
  @Test
  public void attentionBackward() {
    units = 1;
    for (int headDim : new int[] {8, 16, 33, 40, 64, 80, 128, 160, 200}) {
      for (boolean causal : new boolean[] {false, true}) {
        int heads = headDim == 8 ? 3 : 1;
        int queries = 131;
        int keys = causal ? queries : 77;
        int width = heads * headDim;
        AttentionSpec spec =
            new AttentionSpec(
                1, heads, queries, keys, headDim, (float) (1 / Math.sqrt(headDim)), causal);
        check(
            spec.toString(),
            1e-5,
            (backend, in, out) -> {
              backend.attention(spec, in[0], in[1], in[2], out[0], out[1]);
              backend.attentionBackward(
                  spec, in[0], in[1], in[2], out[0], out[1], in[3], out[2], out[3], out[4]);
            },
            arrays(
                random(1, queries * width),
                random(2, keys * width),
                random(3, keys * width),
                random(4, queries * width)),
            arrays(
                fresh(queries * width),
                fresh(heads * queries),
                fresh(queries * width),
                fresh(keys * width),
                fresh(keys * width)));
      }
    }
  }
}
