package io.github.pix2pixzero.tensor.ops;

import static io.github.pix2pixzero.tensor.ops.OpCheck.check;
import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import io.github.pix2pixzero.tensor.testing.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Operations that change the size of pictures, and modulated convolution. */
class ResamplingOpsTest {
  private static Shape shape(int... dims) {
    return Shape.of(dims);
  }

  @Test
  void convTranspose2d() {
    check(
        in -> ConvTranspose2d.of(in[0], in[1], in[2], 1, Padding.all(1), 0),
        shape(2, 4, 5, 3),
        shape(3, 3, 4, 3),
        shape(4));
    check(
        in -> ConvTranspose2d.of(in[0], in[1], in[2], 2, Padding.all(1), 1),
        shape(1, 3, 2, 2),
        shape(4, 4, 3, 2),
        shape(3));
    check(
        in -> ConvTranspose2d.of(in[0], in[1], null, 3, new Padding(0, 2, 1, 0), 2),
        shape(2, 2, 3, 1),
        shape(2, 2, 5, 1));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void modulatedConv2d(boolean demodulate) {
    check(
        in -> ModulatedConv2d.of(in[0], in[1], in[2], demodulate),
        shape(2, 4, 3, 5),
        shape(3, 3, 5, 4),
        shape(2, 5));
    check(
        in -> ModulatedConv2d.of(in[0], in[1], in[2], demodulate),
        shape(3, 2, 1, 2),
        shape(1, 1, 2, 3),
        shape(3, 2));
    check(
        in -> ModulatedConv2d.up(in[0], in[1], in[2], demodulate, filter(in[0], 1, 3, 3, 1)),
        shape(2, 3, 2, 3),
        shape(3, 3, 2, 3),
        shape(2, 3));
    check(
        in -> ModulatedConv2d.down(in[0], in[1], in[2], demodulate, filter(in[0], 1, 3, 3, 1)),
        shape(2, 4, 6, 3),
        shape(3, 3, 3, 2),
        shape(2, 3));
  }

  private static Tensor filter(Tensor like, float... taps) {
    return FirResample.filter(like.backend(), taps);
  }

  @Test
  void firConv2d() {
    check(
        in -> FirConv2d.up(in[0], in[1], filter(in[0], 1, 3, 3, 1)),
        shape(1, 2, 3, 2),
        shape(1, 1, 3, 2));
    for (int kernel : new int[] {1, 3, 5}) {
      check(
          in -> FirConv2d.down(in[0], in[1], in[2], filter(in[0], 1, 3, 3, 1)),
          shape(1, 4, 6, 2),
          shape(kernel, kernel, 2, 3),
          shape(3));
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void upConvolutionIsAPlainOneWithItsKernel(Backend backend) {
    Tensor x = Tensors.random(backend, 1, 2, 5, 4, 3);
    Tensor weight = Tensors.random(backend, 2, 3, 3, 2, 3);
    Tensor lopsided = Tensors.random(backend, 3, 4, 4);
    Tensor plain = Conv2d.of(x, FirConv2d.upKernel(weight, lopsided), null, 1, Padding.all(1));
    assertClose(PixelBlocks.scatter(plain, 2), FirConv2d.up(x, weight, lopsided).toFloats(), 1e-6);
  }

  @Test
  void pixelBlocks() {
    Backend backend = Backends.named("plain", 1);
    Tensor x = Tensor.of(backend, new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 4, 1);
    Tensor blocks = PixelBlocks.gather(x, 2);
    assertThat(blocks.shape()).isEqualTo(shape(1, 1, 2, 4));
    assertThat(blocks.toFloats()).containsExactly(1, 2, 5, 6, 3, 4, 7, 8);
    assertThat(PixelBlocks.scatter(blocks, 2).toFloats()).isEqualTo(x.toFloats());
    check(in -> PixelBlocks.gather(in[0], 2), shape(2, 4, 6, 3));
    check(in -> PixelBlocks.scatter(in[0], 3), shape(2, 2, 1, 18));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PixelBlocks.gather(x, 4))
        .withMessageContaining("not made of blocks of 4 × 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PixelBlocks.scatter(x, 2))
        .withMessageContaining("does not hold blocks of 2 × 2");
  }

  @Test
  void upfirdn() {
    int[][] cases = {
      {1, 1, 0, 0, 0, 0}, {2, 1, 2, 1, 1, 2}, {1, 2, 1, 1, 0, 0}, {3, 2, -1, 2, 3, -2}
    };
    for (int[] c : cases) {
      for (boolean flipped : new boolean[] {false, true}) {
        check(
            in ->
                Upfirdn.of(
                    in[0],
                    Tensors.random(in[0].backend(), 7, 3, 2),
                    c[0],
                    c[1],
                    new Padding(c[2], c[3], c[4], c[5]),
                    flipped),
            shape(2, 5, 4, 3));
      }
    }
  }

  @Test
  void firResample() {
    check(in -> FirResample.up(in[0], filter(in[0], 1, 3, 3, 1), 2), shape(2, 3, 2, 5));
    check(in -> FirResample.up(in[0], filter(in[0], 1, 2, 1), 2), shape(1, 1, 2, 3));
    check(in -> FirResample.down(in[0], filter(in[0], 1, 3, 3, 1), 2), shape(2, 6, 4, 5));
    check(in -> FirResample.down(in[0], filter(in[0], 1, 2, 1), 3), shape(1, 6, 9, 1));
  }

  @Test
  void avgPool2d() {
    check(in -> AvgPool2d.of(in[0], 2, 2, 0), shape(2, 5, 4, 3));
    check(in -> AvgPool2d.of(in[0], 3, 1, 1), shape(1, 3, 4, 2));
    check(in -> AvgPool2d.of(in[0], 3, 2, 1), shape(1, 7, 4, 1));
  }

  @Test
  void maxPool2d() {
    check(in -> MaxPool2d.of(in[0], 2, 2, false), shape(2, 5, 4, 3));
    check(in -> MaxPool2d.of(in[0], 3, 2, false), shape(1, 7, 6, 2));
    check(in -> MaxPool2d.of(in[0], 3, 2, true), shape(1, 6, 4, 1));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bilinearResize(boolean alignCorners) {
    int[][] sizes = {{5, 7}, {3, 4}, {2, 2}, {1, 1}, {3, 9}, {11, 4}};
    for (int[] size : sizes) {
      check(in -> BilinearResize.of(in[0], size[0], size[1], alignCorners), shape(2, 3, 4, 5));
    }
    check(in -> BilinearResize.of(in[0], 3, 2, alignCorners), shape(1, 1, 1, 2));
  }
}
