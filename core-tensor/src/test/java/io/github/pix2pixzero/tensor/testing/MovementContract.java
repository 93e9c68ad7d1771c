package io.github.pix2pixzero.tensor.testing;

import static io.github.pix2pixzero.tensor.testing.KernelContract.arrays;
import static io.github.pix2pixzero.tensor.testing.KernelContract.fresh;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.MemoryUse;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.backend.StridedSpec;
import io.github.pix2pixzero.tensor.backend.UpfirdnSpec;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Reduction, movement and memory. */
interface MovementContract extends KernelContract {

  @Test
  default void sumAndMax() {
    int[][] extents = {
      {1, 1, 1},
      {1, 9, 1},
      {7, 33, 1},
      {1, 100003, 1},
      {3, 17, 5},
      {1, 4099, 33},
      {2, 3, 2053},
      {5000, 3, 1},
      {31, 2, 15},
      {3, 70000, 2}
    };
    for (int[] extent : extents) {
      int outer = extent[0];
      int reduced = extent[1];
      int inner = extent[2];
      check(
          "sum of %s x %s x %s".formatted(outer, reduced, inner),
          1e-5,
          (backend, in, out) -> backend.sum(outer, reduced, inner, in[0], out[0]),
          arrays(random(1, outer * reduced * inner)),
          arrays(fresh(outer * inner)));
      check(
          "max of %s x %s x %s".formatted(outer, reduced, inner),
          0,
          (backend, in, out) -> backend.max(outer, reduced, inner, in[0], out[0]),
          arrays(random(2, outer * reduced * inner, -2, -1)),
          arrays(fresh(outer * inner)));
    }
  }

  @Test
  default void squaredDistance() {
    for (int size : new int[] {1, 2, 7, 8, 9, 1009, 8193, 100003}) {
      check(
          "squared distance of " + size,
          1e-6,
          (backend, in, out) -> {
            backend.squaredDistance(size, 0.3f, in[0], in[1], out[0]);
            backend.squaredDistanceBackward(size, 0.3f, in[0], in[1], in[2], out[1]);
          },
          arrays(random(1, size), random(2, size, -0.5, 1.5), new float[] {-1.7f}),
          arrays(fresh(1), fresh(size)));
    }
  }

  @Test
  default void copyTakesEverythingAlong() {
    copy(spec(ints(), 3, ints(), 2, ints()), 5, 4);
    copy(spec(ints(17), 0, ints(1), 0, ints(1)), 17, 17);
    copy(spec(ints(1, 9, 1), 0, ints(9, 1, 5), 0, ints(9, 1, 1)), 9, 9);
    copy(spec(ints(40009), 1, ints(1), 2, ints(1)), 40010, 40012);
  }

  @Test
  default void copyPermutes() {
    copy(spec(ints(5, 3), 0, ints(1, 5), 0, ints(3, 1)), 15, 15);
    copy(spec(ints(2, 4, 5, 3), 0, ints(60, 5, 1, 20), 0, ints(60, 15, 3, 1)), 120, 120);
    copy(spec(ints(2, 3, 4, 5), 0, ints(60, 1, 15, 3), 0, ints(60, 20, 5, 1)), 120, 120);
    copy(
        spec(ints(1, 129, 131, 3), 0, ints(1, 131, 1, 16899), 0, ints(1, 393, 3, 1)), 50697, 50697);
  }

  @Test
  default void copyCutsAndSetsIn() {
    copy(spec(ints(3, 4), 7, ints(6, 1), 0, ints(4, 1)), 30, 12);
    copy(spec(ints(3, 4), 0, ints(4, 1), 7, ints(6, 1)), 12, 30);
    copy(spec(ints(2, 3, 33), 35, ints(165, 33, 1), 99, ints(198, 33, 1)), 400, 400);
  }

  @Test
  default void copyStretchesAndReverses() {
    copy(spec(ints(4, 9), 0, ints(0, 1), 0, ints(9, 1)), 9, 36);
    copy(spec(ints(4, 9), 0, ints(1, 0), 0, ints(9, 1)), 4, 36);
    copy(spec(ints(33), 5, ints(0), 0, ints(1)), 6, 33);
    copy(spec(ints(17), 16, ints(-1), 0, ints(1)), 17, 17);
    copy(spec(ints(3, 5), 14, ints(-5, -1), 0, ints(5, 1)), 15, 15);
    copy(spec(ints(3, 5), 4, ints(5, -1), 0, ints(5, 1)), 15, 15);
  }

  /**
   * Elements of the target that are off the walk must keep their values, so it starts with some.
   */
  private void copy(StridedSpec spec, int sourceSize, int targetSize) {
    check(
        spec.toString(),
        0,
        (backend, in, out) -> backend.copy(spec, in[0], out[0]),
        arrays(random(1, sourceSize)),
        arrays(random(2, targetSize)));
  }

  private static StridedSpec spec(
      int[] shape, int sourceOffset, int[] sourceStrides, int targetOffset, int[] targetStrides) {
    return new StridedSpec(shape, sourceOffset, sourceStrides, targetOffset, targetStrides);
  }

  private static int[] ints(int... values) {
    return values;
  }

  @Test
  default void gather() {
    int[] rows = {4, 0, 4, 10, 1};
    for (int width : new int[] {1, 7, 16, 33, 769}) {
      check(
          "gather rows of " + width,
          0,
          (backend, in, out) -> backend.gather(rows, width, in[0], out[0]),
          arrays(random(1, 11 * width)),
          arrays(fresh(rows.length * width)));
    }
  }

  /** What was there stays and is added to. */
  @Test
  default void scatterAdd() {
    int[] rows = {4, 0, 4, 10, 1, 4};
    for (int width : new int[] {1, 7, 16, 33, 769, 40009}) {
      check(
          "scatter rows of " + width,
          1e-6,
          (backend, in, out) -> backend.scatterAdd(rows, width, in[0], out[0]),
          arrays(random(1, rows.length * width)),
          arrays(random(2, 11 * width)));
    }
    int[] many = new int[20011];
    Arrays.setAll(many, i -> i * 31 % 7);
    check(
        "scatter many rows",
        1e-5,
        (backend, in, out) -> backend.scatterAdd(many, 3, in[0], out[0]),
        arrays(random(1, many.length * 3)),
        arrays(random(2, 21)));
  }

  @Test
  default void upfirdn() {
    for (int channels : new int[] {1, 3, 16, 17, 40, 65}) {
      for (boolean flipped : new boolean[] {false, true}) {
        upfirdn(new UpfirdnSpec(1, 1, 1, channels, 1, 1, 1, 1, 0, 0, 0, 0, flipped));
        upfirdn(new UpfirdnSpec(2, 5, 7, channels, 4, 4, 1, 1, 2, 2, 1, 1, flipped));
        upfirdn(new UpfirdnSpec(2, 4, 3, channels, 4, 4, 2, 1, 2, 2, 1, 1, flipped));
        upfirdn(new UpfirdnSpec(2, 7, 6, channels, 4, 4, 1, 2, 1, 1, 1, 1, flipped));
        upfirdn(new UpfirdnSpec(1, 6, 5, channels, 2, 3, 3, 2, 1, 4, 0, 2, flipped));
        upfirdn(new UpfirdnSpec(1, 9, 8, channels, 3, 2, 1, 1, -2, 1, 3, -3, flipped));
        upfirdn(new UpfirdnSpec(1, 5, 6, channels, 3, 5, 2, 3, -1, -3, -2, 4, flipped));
        upfirdn(new UpfirdnSpec(1, 40, 33, channels, 4, 4, 1, 2, 1, 1, 1, 1, flipped));
      }
    }
  }

  private void upfirdn(UpfirdnSpec spec) {
    int outputs = spec.batch() * spec.outHeight() * spec.outWidth() * spec.channels();
    int inputs = spec.batch() * spec.height() * spec.width() * spec.channels();
    float[] filter = random(2, spec.filterHeight() * spec.filterWidth());
    check(
        spec.toString(),
        1e-6,
        (backend, in, out) -> backend.upfirdn(spec, in[0], in[1], out[0]),
        arrays(random(1, inputs), filter),
        arrays(fresh(outputs)));
    check(
        "gradient of " + spec,
        1e-6,
        (backend, in, out) -> backend.upfirdn(spec.gradient(), in[0], in[1], out[0]),
        arrays(random(1, outputs), filter),
        arrays(fresh(inputs)));
  }

  @Test
  default void upsampleNearest() {
    int[][] sizes = {
      {1, 1, 1, 1, 2}, {2, 3, 5, 7, 2}, {1, 4, 3, 16, 3}, {1, 5, 4, 33, 1}, {1, 33, 17, 40, 2}
    };
    for (int[] s : sizes) {
      int small = s[0] * s[1] * s[2] * s[3];
      int large = small * s[4] * s[4];
      String what = "%s x %s x %s x %s enlarged %s times".formatted(s[0], s[1], s[2], s[3], s[4]);
      check(
          what,
          0,
          (backend, in, out) ->
              backend.upsampleNearest(s[0], s[1], s[2], s[3], s[4], in[0], out[0]),
          arrays(random(1, small)),
          arrays(fresh(large)));
      check(
          "backward of " + what,
          1e-6,
          (backend, in, out) ->
              backend.upsampleNearestBackward(s[0], s[1], s[2], s[3], s[4], in[0], out[0]),
          arrays(random(1, large)),
          arrays(fresh(small)));
    }
  }

  @Test
  default void fill() {
    for (int size : new int[] {1, 15, 16, 17, 40009}) {
      check(
          "fill " + size,
          0,
          (backend, in, out) -> backend.fill(-0.7f, out[0]),
          arrays(),
          arrays(fresh(size)));
    }
  }

  @Test
  default void uploadAndDownloadHonourTheirOffsets() {
    Backend backend = backend(1);
    float[] data = random(1, 20);
    Storage storage = backend.allocate(5);
    backend.upload(data, 3, storage);
    float[] back = random(2, 20);
    float[] expected = back.clone();
    System.arraycopy(data, 3, expected, 7, 5);
    backend.download(storage, back, 7);
    assertThat(back).isEqualTo(expected);
    storage.release();
  }

  @Test
  default void memoryIsCounted() {
    Backend backend = backend(1);
    MemoryUse before = backend.memory();
    Storage storage = backend.allocate(12345);
    long bytes = 12345L * storage.elementBytes();
    MemoryUse during = backend.memory();
    assertThat(during.live()).isGreaterThanOrEqualTo(before.live() + bytes);
    assertThat(during.peak()).isGreaterThanOrEqualTo(during.live() + during.pooled());
    storage.release();
    storage.release();
    assertThat(backend.memory().live()).isEqualTo(before.live());
  }

  @Test
  default void releasedStoragesAreRefused() {
    Backend backend = backend(1);
    Storage storage = backend.allocate(7);
    storage.release();
    assertThatThrownBy(() -> backend.fill(1f, storage))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("7 elements");
  }
}
