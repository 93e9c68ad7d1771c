package io.github.pix2pixzero.tensor.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.internal.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import io.github.pix2pixzero.tensor.testing.Tensors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What operations mean, on examples small enough to work out by hand, and what they refuse. */
class OpMeaningTest {
  private final Backend backend = new PlainBackend(1);

  /** 0, 1, 2, … */
  private Tensor count(int... dims) {
    float[] values = new float[Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return Tensor.of(backend, values, dims);
  }

  private static void assertTensor(Tensor tensor, Shape shape, float... values) {
    assertThat(tensor.shape()).isEqualTo(shape);
    assertThat(tensor.toFloats()).isEqualTo(values);
  }

  private static void assertRefused(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void arithmeticBroadcasts() {
    Tensor column = Tensor.of(backend, new float[] {10, 20}, 2, 1);
    assertTensor(count(3).add(column), Shape.of(2, 3), 10, 11, 12, 20, 21, 22);
    assertTensor(count(3).sub(column), Shape.of(2, 3), -10, -9, -8, -20, -19, -18);
    assertTensor(count(3).mul(column), Shape.of(2, 3), 0, 10, 20, 0, 20, 40);
    assertTensor(column.div(count(3).add(1f)), Shape.of(2, 3), 10, 5, 10f / 3, 20, 10, 20f / 3);
    assertRefused(() -> count(2, 3).add(count(2)), "[2, 3]", "[2]", "broadcast");
  }

  @Test
  void squaredDistance() {
    Tensor distance = SquaredDistance.of(count(2, 2), count(2, 2).mul(-1f), 0.5f);
    assertTensor(distance, Shape.of(), 0.5f * (4 + 16 + 36));
    assertRefused(() -> SquaredDistance.of(count(2), count(2, 1), 1f), "[2]", "[2, 1]");
  }

  @Test
  void matmulOfAllForms() {
    Tensor a = count(2, 3);
    Tensor b = count(3, 2);
    assertTensor(a.matmul(b), Shape.of(2, 2), 10, 13, 28, 40);
    assertTensor(Matmul.of(a, a, false, true), Shape.of(2, 2), 5, 14, 14, 50);
    assertTensor(Matmul.of(b, b, true, false), Shape.of(2, 2), 20, 26, 26, 35);
    assertTensor(
        Matmul.linear(a, b, Tensor.of(backend, new float[] {100, 200}, 2)),
        Shape.of(2, 2),
        110,
        213,
        128,
        240);
    assertTensor(count(2, 1, 2).matmul(count(2, 1)), Shape.of(2, 1, 1), 1, 3);
    assertTensor(count(1, 2).matmul(count(2, 2, 1)), Shape.of(2, 1, 1), 1, 3);
    assertRefused(() -> a.matmul(a), "[2, 3]", "inner extents");
    assertRefused(() -> a.matmul(count(3)), "needs matrices", "[3]");
    assertRefused(() -> count(2, 2, 3).matmul(count(3, 3, 2)), "batches", "[2, 2, 3]");
    assertRefused(() -> Matmul.linear(a, b, count(3)), "bias", "[3]", "2");
    assertTensor(Matmul.linear(a, b, null, count(2, 2)), Shape.of(2, 2), 10, 14, 30, 43);
    assertRefused(() -> Matmul.linear(a, b, null, count(2, 1)), "residual", "[2, 1]", "[2, 2]");
  }

  @Test
  void convolutionRefusesWhatDoesNotFit() {
    Tensor x = count(1, 2, 2, 3);
    Padding none = Padding.all(0);
    assertRefused(
        () -> Conv2d.of(x, count(1, 1, 4, 2), null, 1, none), "[1, 1, 4, 2]", "[1, 2, 2, 3]");
    assertRefused(() -> Conv2d.of(x, count(3, 3, 3, 1), null, 1, none), "3", "[1, 2, 2, 3]");
    assertRefused(() -> Conv2d.of(x, count(3, 3, 3, 1), null, 2, none), "3", "[1, 2, 2, 3]");
    assertRefused(() -> Conv2d.of(x, count(1, 2, 3, 1), null, 1, none), "[1, 2, 3, 1]");
    assertRefused(() -> Conv2d.of(x, count(1, 1, 3, 2), count(3), 1, none), "bias", "[3]", "2");
  }

  @Test
  void sumsKeepTheAxis() {
    assertTensor(count(2, 3).sum(0), Shape.of(1, 3), 3, 5, 7);
    assertTensor(count(2, 3).sum(-1), Shape.of(2, 1), 3, 12);
    assertTensor(count(2, 3).sum(), Shape.of(), 15);
    assertTensor(count(2, 3).mean(1), Shape.of(2, 1), 1, 4);
    assertRefused(() -> count(2, 3).sum(2), "[2, 3]", "axis 2");
  }

  @Test
  void movement() {
    Tensor x = count(2, 3);
    assertTensor(x.permute(1, 0), Shape.of(3, 2), 0, 3, 1, 4, 2, 5);
    assertTensor(x.slice(1, 1, 3), Shape.of(2, 2), 1, 2, 4, 5);
    assertTensor(x.expand(2, 2, 3), Shape.of(2, 2, 3), 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5);
    assertTensor(Pad.of(x, 0, 1, 4), Shape.of(4, 3), 0, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0);
    assertTensor(Tensor.concat(1, x, count(2, 1)), Shape.of(2, 4), 0, 1, 2, 0, 3, 4, 5, 1);
    assertTensor(x.roll(1, 1), Shape.of(2, 3), 2, 0, 1, 5, 3, 4);
    assertTensor(x.roll(1, -1), Shape.of(2, 3), 1, 2, 0, 4, 5, 3);
    assertTensor(x.reshape(3, -1), Shape.of(3, 2), 0, 1, 2, 3, 4, 5);
    assertTensor(x.sumTo(Shape.of(3)), Shape.of(3), 3, 5, 7);
    assertThat(count(1, 2, 3, 4).toChannelsLast().shape()).isEqualTo(Shape.of(1, 3, 4, 2));
    assertThat(count(1, 2, 3, 4).toChannelsFirst().shape()).isEqualTo(Shape.of(1, 4, 2, 3));
  }

  @Test
  void movementRefusesWhatDoesNotFit() {
    Tensor x = count(2, 3);
    assertRefused(() -> x.permute(0, 0), "[0, 0]", "twice");
    assertRefused(() -> x.permute(0), "[0]", "[2, 3]");
    assertRefused(() -> x.slice(1, 2, 4), "2 to 4", "[2, 3]");
    assertRefused(() -> x.slice(1, 2, 2), "2 to 2");
    assertRefused(() -> x.expand(2, 4), "[2, 3] does not expand to [2, 4]");
    assertRefused(() -> x.expand(3), "[2, 3] does not expand to [3]");
    assertRefused(() -> x.reshape(4, -1), "[2, 3]", "[4, -1]");
    assertRefused(() -> x.reshape(-1, -1), "only one");
    assertRefused(() -> x.reshape(7), "[2, 3]", "[7]");
    assertRefused(() -> Pad.of(x, 1, 2, 4), "does not fit", "[2, 3]");
    assertRefused(() -> Tensor.concat(0, x, count(2, 2)), "[2, 3]", "[2, 2]", "axis 0");
    assertRefused(() -> Tensor.concat(0), "nothing");
  }

  @Test
  void embeddingLooksUpRows() {
    Tensor table = count(3, 2);
    assertTensor(Embedding.of(table, 2, 0, 2), Shape.of(3, 2), 4, 5, 0, 1, 4, 5);
    assertRefused(() -> Embedding.of(table, 0, 3), "no index 3", "[3, 2]");
    assertRefused(() -> Embedding.of(table, -1), "no index -1");
    Tensor tracked = table.variable();
    Tensor[] gradient = Autograd.grad(Embedding.of(tracked, 2, 0, 2).sum(), tracked);
    assertTensor(gradient[0], Shape.of(3, 2), 1, 1, 0, 0, 2, 2);
    assertRefused(() -> Embedding.of(count(2, 3, 4), 0), "[2, 3, 4]");
  }

  @Test
  void extremaShareTheGradientOfEqualElements() {
    Tensor x = Tensor.of(backend, new float[] {3, 1, 3, 0, 2, 1}, 2, 3).variable();
    assertTensor(x.max(1), Shape.of(2, 1), 3, 2);
    assertTensor(x.min(0), Shape.of(1, 3), 0, 1, 1);
    Tensor[] ofMax = Autograd.grad(x.max(1).sum(), x);
    assertTensor(ofMax[0], Shape.of(2, 3), 0.5f, 0, 0.5f, 0, 1, 0);
    Tensor two = Tensor.of(backend, new float[] {2}, 1).variable();
    Tensor[] ofLarger = Autograd.grad(x.maximum(two).sum(), x, two);
    assertTensor(ofLarger[0], Shape.of(2, 3), 1, 0, 1, 0, 0.5f, 0);
    assertTensor(ofLarger[1], Shape.of(1), 3.5f);
    Tensor zero = Tensor.zeros(backend, 1).variable();
    assertTensor(Autograd.grad(zero.abs().sum(), zero)[0], Shape.of(1), 0);
  }

  @Test
  void piecewiseFunctionsAtTheirCorners() {
    Tensor x = Tensor.of(backend, new float[] {-2, -1, 0, 1, 2}, 5).variable();
    assertTensor(x.leakyRelu(0.5f), Shape.of(5), -1, -0.5f, 0, 1, 2);
    assertTensor(Autograd.grad(x.leakyRelu(0.5f).sum(), x)[0], Shape.of(5), .5f, .5f, .5f, 1, 1);
    assertTensor(x.clamp(-1, 1), Shape.of(5), -1, -1, 0, 1, 1);
    assertTensor(Autograd.grad(x.clamp(-1, 1).sum(), x)[0], Shape.of(5), 0, 1, 1, 1, 0);
    assertRefused(() -> x.clamp(1, -1), "1.0", "-1.0");
  }

  @Test
  void leakyReluTakesThePlaceOfWhatIsNotRecorded() {
    Tensor x = Tensor.of(backend, new float[] {-2, 1}, 2);
    Tensor y = LeakyRelu.over(x, 0.5f);
    assertTensor(y, Shape.of(2), -1, 1);
    assertTensor(x, Shape.of(2), -1, 1);
    Tensor variable = Tensor.of(backend, new float[] {-2, 1}, 2).variable();
    assertTensor(LeakyRelu.over(variable, 0.5f), Shape.of(2), -1, 1);
    assertTensor(variable, Shape.of(2), -2, 1);
    assertTensor(
        Autograd.grad(LeakyRelu.over(variable, 0.5f).sum(), variable)[0], Shape.of(2), 0.5f, 1);
  }

  @Test
  void paddingAndPicking() {
    Tensor x = count(2, 3);
    assertTensor(x.pad(1, 1, 0), Shape.of(2, 4), 0, 0, 1, 2, 0, 3, 4, 5);
    assertTensor(ReflectPad.of(x, 1, 2, 1), Shape.of(2, 6), 2, 1, 0, 1, 2, 1, 5, 4, 3, 4, 5, 4);
    assertTensor(Gather.of(x, 1, 2, 0), Shape.of(2, 2), 2, 0, 5, 3);
    assertRefused(() -> ReflectPad.of(x, 0, 2, 0), "reflection", "[2, 3]");
    assertRefused(() -> Gather.of(x, 1, 3), "no index 3", "[2, 3]");
  }

  @Test
  void resamplingRefusesWhatDoesNotFit() {
    Tensor x = count(1, 2, 2, 1);
    Tensor filter = FirResample.filter(backend, 1, 3, 3, 1);
    Padding none = Padding.all(0);
    assertRefused(() -> Upfirdn.of(x, filter, 1, 1, none, true), "[4, 4]", "[1, 2, 2, 1]");
    assertRefused(() -> Upfirdn.of(x, filter, 0, 1, none, true), "0 / 1");
    assertRefused(() -> Upfirdn.of(x, filter.variable(), 2, 1, none, true), "differentiable");
    assertRefused(() -> FirResample.filter(backend, 1, -1), "sum to 0");
    assertRefused(() -> AvgPool2d.of(x, 2, 2, 2), "padding of 2", "kernel 2");
    assertRefused(() -> MaxPool2d.of(x, 3, 1, false), "kernel of 3", "stride 1");
    assertRefused(() -> MaxPool2d.of(x, 3, 2, true), "3 x 3", "[1, 2, 2, 1]");
    assertRefused(() -> BilinearResize.of(x, 0, 2, false), "[1, 2, 2, 1]", "0 x 2");
    Tensor weight = count(3, 3, 2, 1);
    assertRefused(() -> ConvTranspose2d.of(x, count(3, 3, 2, 2), null, 1, none, 0), "[3, 3, 2, 2]");
    assertRefused(() -> ConvTranspose2d.of(x, weight, null, 2, none, 2), "2", "stride");
    assertRefused(() -> ConvTranspose2d.of(x, weight, count(3), 2, none, 0), "bias", "[3]");
    assertRefused(() -> ConvTranspose2d.of(x, weight, null, 1, Padding.all(2), 0), "nothing");
    assertRefused(() -> ModulatedConv2d.of(x, weight, count(1, 1), true), "[3, 3, 2, 1]");
    assertRefused(() -> ModulatedConv2d.of(x, count(3, 3, 1, 2), count(2, 1), true), "[2, 1]");
    assertRefused(
        () -> ModulatedConv2d.of(x, count(3, 3, 1, 2), count(1, 1), count(1, 1)), "[1, 2]");
  }

  @Test
  void windowsHaveTheirLargestElement() {
    Tensor x = count(1, 4, 6, 1).neg();
    assertTensor(MaxPool2d.of(x, 2, 2, false), Shape.of(1, 2, 3, 1), 0, -2, -4, -12, -14, -16);
    assertTensor(MaxPool2d.of(x, 3, 2, false), Shape.of(1, 1, 2, 1), 0, -2);
    assertTensor(MaxPool2d.of(x, 3, 2, true), Shape.of(1, 2, 3, 1), 0, -2, -4, -12, -14, -16);
  }

  @Test
  void averagesAndFiltersKeepBrightness() {
    Tensor ones = Tensor.full(backend, Shape.of(1, 4, 4, 1), 1f);
    assertTensor(AvgPool2d.of(count(1, 2, 2, 1), 2, 2, 0), Shape.of(1, 1, 1, 1), 1.5f);
    Tensor filter = FirResample.filter(backend, 1, 3, 3, 1);
    assertThat(FirResample.up(ones, filter, 2).slice(1, 3, 5).slice(2, 3, 5).toFloats())
        .containsExactly(1, 1, 1, 1);
    assertTensor(
        FirResample.down(ones, filter, 2).slice(1, 0, 1), Shape.of(1, 1, 2, 1), .765625f, .765625f);
  }

  /** A kernel of 1 takes a shorter way down, to the same place. */
  @Test
  void resamplingConvolutionsKeepPixelsInTheirPlace() {
    Tensor x = count(1, 4, 6, 1);
    Tensor filter = FirResample.filter(backend, 1, 3, 3, 1);
    Tensor one = Tensor.full(backend, Shape.of(1, 1, 1, 1), 1f);
    Tensor centred = one.pad(0, 1, 1).pad(1, 1, 1);
    float[] down = FirResample.down(x, filter, 2).toFloats();
    assertThat(FirConv2d.down(x, one, null, filter).toFloats()).isEqualTo(down);
    Tensors.assertClose(FirConv2d.down(x, centred, null, filter).toFloats(), down, 1e-6);
    float[] up = FirResample.up(x, filter, 2).toFloats();
    Tensors.assertClose(FirConv2d.up(x, one, filter).toFloats(), up, 1e-6);
    Tensors.assertClose(FirConv2d.up(x, centred, filter).toFloats(), up, 1e-6);
  }

  @Test
  void crossEntropyStaysExactAtLargeLogits() {
    Tensor logits = Tensor.of(backend, new float[] {1e4f, 0, 0, 1e4f}, 2, 2);
    assertThat(CrossEntropy.of(logits, 0, 0).item()).isEqualTo(5e3f);
    assertThat(CrossEntropy.of(logits, 0, CrossEntropy.IGNORED).item()).isZero();
    assertRefused(() -> CrossEntropy.of(logits, 0), "1 labels", "[2, 2]");
    assertRefused(() -> CrossEntropy.of(logits, 0, 2), "label 2", "2 classes");
    assertRefused(() -> CrossEntropy.of(logits, -100, -100), "none of the 2 labels");
    assertRefused(() -> CrossEntropy.of(logits, new int[] {0, 0}, -1, 1.5f), "1.5");
  }

  @Test
  void upsamplingRepeatsPixels() {
    assertTensor(
        UpsampleNearest.of(count(1, 1, 2, 1), 2), Shape.of(1, 2, 4, 1), 0, 0, 1, 1, 0, 0, 1, 1);
    assertRefused(() -> UpsampleNearest.of(count(2, 2), 2), "[2, 2]");
  }

  /** Where nothing is recorded the product is not stored; the results are the same. */
  @Test
  void gegluOfALayer() {
    Tensor x = count(2, 3, 2);
    Tensor weight = count(2, 6).mul(0.01f);
    Tensor bias = count(6).add(-3f);
    for (Tensor shift : new Tensor[] {bias, null}) {
      Tensor recorded = Geglu.linear(x.variable(), weight, shift);
      assertThat(recorded.isTracked()).isTrue();
      assertTensor(Geglu.linear(x, weight, shift), Shape.of(2, 3, 3), recorded.toFloats());
    }
    assertRefused(() -> Geglu.linear(x, count(3, 6), bias), "[2, 3, 2]", "[3, 6]");
    assertRefused(() -> Geglu.linear(x, count(2, 5), null), "[2, 3, 5]", "halves");
    assertRefused(() -> Geglu.linear(x, weight, count(5)), "[5]", "6 columns");
  }

  @Test
  void normalisationAndAttentionRefuseWhatDoesNotFit() {
    Tensor x = count(1, 2, 6);
    Tensor six = count(6);
    assertRefused(() -> GroupNorm.of(x, six, six, 4, 1e-5f, false), "6 channels", "4 groups");
    assertRefused(() -> GroupNorm.of(x, count(5), six, 2, 1e-5f, false), "[5]");
    assertRefused(() -> LayerNorm.of(x, six, count(5), 1e-5f), "[5]");
    assertRefused(() -> Geglu.of(count(2, 3)), "[2, 3]", "halves");
    assertRefused(() -> Attention.of(x, x, x, 4, false), "[1, 2, 6]", "4 heads");
    assertRefused(() -> Attention.of(x, x, count(1, 3, 6), 2, false), "[1, 3, 6]");
    assertRefused(() -> AttentionProbs.of(x, count(2, 2, 6), 2), "[2, 2, 6]");
    assertRefused(() -> AttentionApply.of(count(1, 2, 2, 3), x), "[1, 2, 2, 3]", "[1, 2, 6]");
  }
}
