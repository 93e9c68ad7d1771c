package io.github.pix2pixzero.tensor.testing;

import static io.github.pix2pixzero.tensor.testing.KernelContract.fresh;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.io.StoredType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Constants as files hold them: kernels compute the same bits as from float32. */
public interface ConstantContract extends KernelContract {

  /** Uses a constant. */
  @FunctionalInterface
  interface Use {
    void run(Backend backend, Storage constant, Storage out);
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  default void everyHalfIsExact(StoredType type) {
    short[] all = new short[1 << 16];
    int[] expected = new int[all.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (short) i;
      expected[i] = type == StoredType.BF16 ? i << 16 : singleBits(i);
    }
    for (int threads : threadCounts()) {
      Backend backend = backend(threads);
      Storage table = backend.constant(type, bytes(all));
      float[] values = new float[all.length];
      backend.download(table, values, 0);
      assertThat(bits(values)).as("downloaded " + type).isEqualTo(expected);

      Storage rows = backend.allocate(2 * 256);
      backend.gather(new int[] {255, 3}, 256, table, rows);
      float[] gathered = new float[2 * 256];
      backend.download(rows, gathered, 0);
      assertThat(bits(gathered)).startsWith(Arrays.copyOfRange(expected, 255 * 256, 256 * 256));
      assertThat(bits(gathered)).endsWith(Arrays.copyOfRange(expected, 3 * 256, 4 * 256));
    }
  }

  /** IEEE 754 half to single precision, from the definition. */
  private static int singleBits(int half) {
    int sign = half >>> 15 << 31;
    int exponent = half >>> 10 & 31;
    int fraction = half & 1023;
    if (exponent == 31) {
      return sign | 0x7f800000 | fraction << 13;
    }
    float magnitude =
        exponent == 0 ? Math.scalb(fraction, -24) : Math.scalb(1024 + fraction, exponent - 25);
    return sign | Float.floatToRawIntBits(magnitude);
  }

  @Test
  default void wideConstantsAreDecodedAsWell() {
    Backend backend = backend(2);
    ByteBuffer doubles = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    doubles.putDouble(9).putDouble(0.1).putDouble(-2).position(8);
    float[] values = new float[2];
    backend.download(backend.constant(StoredType.F64, doubles), values, 0);
    assertThat(values).containsExactly(0.1f, -2);

    ByteBuffer floats = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    Storage constant = backend.constant(StoredType.F32, floats.putFloat(0.1f).putFloat(7).rewind());
    backend.download(constant, values, 0);
    assertThat(values).containsExactly(0.1f, 7);
    assertThat(constant.isConstant()).isTrue();
  }

  /** Batches, rows, columns and depths of {@link #productsWithHalves}. */
  default List<int[]> halfProducts() {
    return List.of(
        new int[] {1, 1, 1, 1},
        new int[] {1, 7, 9, 8},
        new int[] {3, 15, 16, 17},
        new int[] {2, 17, 47, 31},
        new int[] {1, 31, 33, 1},
        new int[] {2, 5, 300, 40},
        new int[] {1, 129, 257, 65},
        new int[] {1, 66, 130, 513},
        new int[] {1, 1700, 40, 33},
        new int[] {1, 850, 1030, 300});
  }

  @Test
  default void productsWithHalves() {
    for (int[] size : halfProducts()) {
      int batch = size[0];
      for (boolean transposeA : MatrixContract.BOTH) {
        for (boolean transposeB : MatrixContract.BOTH) {
          for (boolean shared : MatrixContract.BOTH) {
            MatmulSpec spec =
                new MatmulSpec(
                    batch, size[1], size[2], size[3], transposeA, transposeB, false, shared, 0.7f);
            float[] a = random(1, batch * spec.m() * spec.k());
            float[] bias = shared ? random(2, spec.n()) : null;
            sameBits(
                spec.toString(),
                (shared ? 1 : batch) * spec.k() * spec.n(),
                batch * spec.m() * spec.n(),
                (backend, b, out) ->
                    backend.matmul(spec, upload(backend, a), b, upload(backend, bias), out));
          }
        }
      }
    }
  }

  @Test
  default void convolutionsWithHalves() {
    for (Conv2dSpec spec : MatrixContract.CONVOLUTIONS) {
      float[] x = random(1, spec.inPixels() * spec.inChannels());
      float[] gradOut = random(2, spec.outPixels() * spec.outChannels());
      float[] bias = random(3, spec.outChannels());
      int size = spec.kernel() * spec.kernel() * spec.inChannels() * spec.outChannels();
      sameBits(
          spec.toString(),
          size,
          gradOut.length,
          (backend, weight, out) ->
              backend.conv2d(spec, upload(backend, x), weight, upload(backend, bias), out));
      sameBits(
          "input gradient of " + spec,
          size,
          x.length,
          (backend, weight, out) ->
              backend.conv2dInputGradient(spec, upload(backend, gradOut), weight, out));
    }
  }

  /** What has no kernel for halves sees floats, also after one that has. */
  @Test
  default void anyKernelTakesHalves() {
    MatmulSpec product = MatmulSpec.of(3, 20, 20);
    float[] a = random(1, 60);
    sameBits(
        "a product and its negative",
        400,
        400,
        (backend, constant, out) -> {
          backend.matmul(product, upload(backend, a), constant, null, backend.allocate(60));
          backend.affine(400, constant, -2, 1, out);
          backend.matmul(product, upload(backend, a), constant, null, backend.allocate(60));
        });
    sameBits(
        "halves on the left",
        400,
        60,
        (backend, constant, out) ->
            backend.matmul(MatmulSpec.of(20, 3, 20), constant, upload(backend, a), null, out));
  }

  /** Compares what comes of halves with what comes of the same numbers as floats. */
  private void sameBits(String what, int constants, int outputs, Use use) {
    for (StoredType type : new StoredType[] {StoredType.F16, StoredType.BF16}) {
      short[] halves = halves(type, constants);
      float[] floats = new float[constants];
      type.decode(halves, 0, floats, 0, constants);
      ByteBuffer wide = ByteBuffer.allocate(4 * constants).order(ByteOrder.LITTLE_ENDIAN);
      wide.asFloatBuffer().put(floats);
      for (int threads : threadCounts()) {
        Backend backend = backend(threads);
        int[] expected = bits(result(backend, StoredType.F32, wide, outputs, use));
        int[] actual = bits(result(backend, type, bytes(halves), outputs, use));
        assertThat(actual).as("%s with %s on %s", what, type, backend).isEqualTo(expected);
      }
    }
  }

  private static float[] result(
      Backend backend, StoredType type, ByteBuffer data, int outputs, Use use) {
    Storage constant = backend.constant(type, data);
    Storage out = upload(backend, fresh(outputs));
    use.run(backend, constant, out);
    float[] result = new float[outputs];
    backend.download(out, result, 0);
    constant.release();
    out.release();
    return result;
  }

  /** Finite halves of magnitude less than 2, among them subnormal ones. */
  private static short[] halves(StoredType type, int size) {
    SplittableRandom random = new SplittableRandom(7);
    short[] halves = new short[size];
    for (int i = 0; i < size; i++) {
      halves[i] =
          type == StoredType.F16
              ? (short) (random.nextInt() & 0xbfff)
              : (short) (Float.floatToRawIntBits((float) random.nextDouble(-1, 1)) >>> 16);
    }
    return halves;
  }

  private static ByteBuffer bytes(short[] halves) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * halves.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(halves);
    return bytes;
  }

  private static Storage upload(Backend backend, float[] values) {
    if (values == null) {
      return null;
    }
    Storage storage = backend.allocate(values.length);
    backend.upload(values, 0, storage);
    return storage;
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    return bits;
  }
}
