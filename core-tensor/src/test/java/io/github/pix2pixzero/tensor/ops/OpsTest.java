package io.github.pix2pixzero.tensor.ops;

import static io.github.pix2pixzero.tensor.ops.OpCheck.check;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation that computes: its result and the gradient of each of its inputs. */
class OpsTest {
  private static final float EPSILON = 1e-5f;

  private static Shape shape(int... dims) {
    return Shape.of(dims);
  }

  // ------------------------------------------------------------------ elementwise

  static Stream<Shape[]> broadcasts() {
    return Stream.of(
        new Shape[] {shape(7), shape(7)},
        new Shape[] {shape(3, 17), shape(17)},
        new Shape[] {shape(5), shape(3, 1)},
        new Shape[] {shape(2, 1, 5), shape(1, 3, 1)},
        new Shape[] {shape(), shape(2, 9)},
        new Shape[] {shape(4, 3), shape()},
        new Shape[] {shape(), shape()},
        new Shape[] {shape(1, 1), shape(1)});
  }

  @ParameterizedTest
  @MethodSource("broadcasts")
  void add(Shape a, Shape b) {
    check(in -> in[0].add(in[1]), a, b);
  }

  @ParameterizedTest
  @MethodSource("broadcasts")
  void sub(Shape a, Shape b) {
    check(in -> in[0].sub(in[1]), a, b);
  }

  @ParameterizedTest
  @MethodSource("broadcasts")
  void mul(Shape a, Shape b) {
    check(in -> in[0].mul(in[1]), a, b);
  }

  @ParameterizedTest
  @MethodSource("broadcasts")
  void div(Shape a, Shape b) {
    check(0.5, 2, in -> in[0].div(in[1]), a, b);
  }

  @Test
  void affine() {
    check(in -> Affine.of(in[0], -1.5f, 0.25f), shape(3, 5));
    check(in -> in[0].add(2f), shape(7));
    check(in -> in[0].mul(0.3f), shape(7));
  }

  @ParameterizedTest
  @EnumSource(Unary.class)
  void activate(Unary f) {
    boolean positive = f == Unary.LOG || f == Unary.SQRT;
    for (Shape shape : new Shape[] {shape(), shape(17), shape(3, 1, 5)}) {
      check(positive ? 0.3 : -3, 3, in -> Activate.of(f, in[0]), shape);
    }
  }

  @Test
  void piecewise() {
    for (Shape shape : new Shape[] {shape(), shape(17), shape(3, 1, 35)}) {
      check(in -> in[0].relu(), shape);
      check(in -> in[0].leakyRelu(0.2f), shape);
      check(in -> in[0].leakyRelu(-0.7f), shape);
      check(in -> in[0].clamp(-0.3f, 0.6f), shape);
      check(in -> in[0].abs(), shape);
    }
  }

  @ParameterizedTest
  @MethodSource("broadcasts")
  void extrema(Shape a, Shape b) {
    check(in -> in[0].maximum(in[1]), a, b);
    check(in -> in[0].minimum(in[1]), a, b);
  }

  @Test
  void powers() {
    check(in -> in[0].neg(), shape(7));
    check(0.3, 3, in -> in[0].reciprocal(), shape(3, 5));
    check(0.3, 3, in -> in[0].rsqrt(), shape(3, 5));
    check(0.3, 3, in -> in[0].pow(-1.3f), shape(3, 5));
  }

  @Test
  void geglu() {
    check(-3, 3, in -> Geglu.of(in[0]), shape(2));
    check(-3, 3, in -> Geglu.of(in[0]), shape(2, 3, 14));
    check(in -> Geglu.linear(in[0], in[1], in[2]), shape(2, 3, 5), shape(5, 14), shape(14));
  }

  // ------------------------------------------------------------------ matrix products

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void matmul(int transposes) {
    boolean ta = transposes % 2 == 1;
    boolean tb = transposes / 2 == 1;
    Shape a = ta ? shape(3, 5) : shape(5, 3);
    Shape b = tb ? shape(7, 3) : shape(3, 7);
    Shape manyA = ta ? shape(2, 2, 3, 5) : shape(2, 2, 5, 3);
    Shape manyB = tb ? shape(2, 2, 7, 3) : shape(2, 2, 3, 7);
    check(in -> Matmul.of(in[0], in[1], ta, tb), a, b);
    check(in -> Matmul.of(in[0], in[1], ta, tb), manyA, manyB);
    check(in -> Matmul.of(in[0], in[1], ta, tb), a, manyB);
    check(in -> Matmul.of(in[0], in[1], ta, tb), manyA, b);
    check(in -> Matmul.of(in[0], in[1], ta, tb), shape(1, 1), shape(1, 1));
  }

  @Test
  void linear() {
    check(in -> Matmul.linear(in[0], in[1], in[2]), shape(2, 5, 3), shape(3, 7), shape(7));
    check(in -> Matmul.linear(in[0], in[1], null), shape(5, 3), shape(3, 7));
    Shape[] shapes = {shape(2, 5, 3), shape(3, 7), shape(7), shape(2, 5, 7)};
    check(in -> Matmul.linear(in[0], in[1], in[2], in[3]), shapes);
    check(in -> Matmul.linear(in[0], in[1], null, in[2]), shape(5, 3), shape(3, 3), shape(5, 3));
    check(in -> Matmul.linear(in[0], in[1], null, in[0]), shape(5, 3), shape(3, 3));
  }

  @Test
  void conv2d() {
    Padding same = Padding.all(1);
    check(
        in -> Conv2d.of(in[0], in[1], in[2], 1, same),
        shape(2, 4, 5, 3),
        shape(3, 3, 3, 4),
        shape(4));
    check(
        in -> Conv2d.of(in[0], in[1], null, 2, new Padding(0, 0, 1, 1)),
        shape(1, 6, 4, 2),
        shape(3, 3, 2, 3));
    check(
        in -> Conv2d.of(in[0], in[1], in[2], 1, Padding.all(0)),
        shape(1, 3, 2, 5),
        shape(1, 1, 5, 2),
        shape(2));
    check(
        in -> Conv2d.of(in[0], in[1], in[2], in[3], 1, same),
        shape(2, 4, 5, 3),
        shape(3, 3, 3, 4),
        shape(4),
        shape(2, 4, 5, 4));
    check(
        in -> Conv2d.of(in[0], in[1], null, in[0], 1, same), shape(1, 3, 4, 3), shape(3, 3, 3, 3));
  }

  // ------------------------------------------------------------------ normalisation

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void groupNorm(boolean silu) {
    check(
        in -> GroupNorm.of(in[0], in[1], in[2], 2, EPSILON, silu),
        shape(2, 3, 2, 6),
        shape(6),
        shape(6));
    check(
        in -> GroupNorm.of(in[0], in[1], in[2], 1, EPSILON, silu), shape(1, 5), shape(5), shape(5));
  }

  @Test
  void layerNorm() {
    check(in -> LayerNorm.of(in[0], in[1], in[2], EPSILON), shape(2, 3, 7), shape(7), shape(7));
  }

  @Test
  void softmax() {
    check(-3, 3, in -> in[0].softmax(), shape(2, 3, 7));
    check(-3, 3, in -> in[0].softmax(), shape(9));
  }

  @Test
  void logSoftmax() {
    check(-3, 3, in -> in[0].logSoftmax(), shape(2, 3, 7));
    check(-300, 300, in -> in[0].logSoftmax(), shape(2, 9));
  }

  @Test
  void crossEntropy() {
    check(-3, 3, in -> CrossEntropy.of(in[0], 4, 0, -100, 2), shape(4, 5));
    check(-3, 3, in -> CrossEntropy.of(in[0], new int[] {1, 3, 1}, -1, 0.1f), shape(3, 17));
    check(-3, 3, in -> CrossEntropy.of(in[0], new int[] {0, 3, 1}, 0, 1), shape(3, 5));
    check(-300, 300, in -> CrossEntropy.of(in[0], 4, 0), shape(2, 5));
  }

  // ------------------------------------------------------------------ attention

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void attention(boolean causal) {
    check(
        -2,
        2,
        in -> Attention.of(in[0], in[1], in[2], 2, causal),
        shape(2, 5, 6),
        shape(2, 4, 6),
        shape(2, 4, 6));
  }

  @Test
  void attentionProbs() {
    check(-2, 2, in -> AttentionProbs.of(in[0], in[1], 2), shape(2, 5, 6), shape(2, 4, 6));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void attentionProbsOfSeveralUses(int uses) {
    check(
        -2,
        2,
        in -> {
          Tensor probs = AttentionProbs.of(in[0], in[1], 2);
          Tensor loss = SquaredDistance.of(probs, in[3], 0.5f);
          Tensor out = AttentionApply.of(probs, in[2]).mul(loss);
          return uses == 2 ? out : out.mul(probs.square().sum());
        },
        shape(2, 5, 6),
        shape(2, 4, 6),
        shape(2, 4, 6),
        shape(2, 2, 5, 4));
  }

  @Test
  void attentionApply() {
    check(in -> AttentionApply.of(in[0], in[1]), shape(2, 2, 5, 4), shape(2, 4, 6));
  }

  // ------------------------------------------------------------------ movement and reduction

  @Test
  void sum() {
    check(in -> in[0].sum(), shape(3, 5));
    check(in -> in[0].sum(), shape());
    check(in -> in[0].sum(0), shape(3, 5, 2));
    check(in -> in[0].sum(1), shape(3, 5, 2));
    check(in -> in[0].sum(-1), shape(3, 5, 2));
    check(in -> in[0].mean(), shape(3, 5));
    check(in -> in[0].mean(1), shape(3, 5, 2));
    check(in -> in[0].sumTo(shape(5, 1)), shape(3, 5, 2));
  }

  @Test
  void squaredDistance() {
    check(in -> SquaredDistance.of(in[0], in[1], 0.7f), shape(3, 5), shape(3, 5));
    check(in -> SquaredDistance.of(in[0], in[1], -2f), shape(), shape());
    check(in -> SquaredDistance.of(in[0], in[0].mul(in[1]), 1f), shape(7), shape(7));
  }

  @Test
  void sumOverSeveralAxes() {
    check(in -> in[0].sum(0, 2), shape(3, 5, 2));
    check(in -> in[0].mean(-1, 0), shape(3, 5, 2));
    check(in -> in[0].variance(0, 1), shape(3, 5, 2));
    check(in -> in[0].variance(1), shape(3, 5, 2));
  }

  @Test
  void max() {
    for (int axis = 0; axis < 3; axis++) {
      int along = axis;
      check(in -> in[0].max(along), shape(3, 5, 2));
      check(in -> in[0].min(along), shape(3, 5, 2));
    }
    check(in -> in[0].max(-1), shape(1));
  }

  @Test
  void gather() {
    check(in -> Embedding.of(in[0], 4, 0, 4, 4), shape(5, 17));
    check(in -> Gather.of(in[0], 1, 2, 0, 2), shape(2, 3, 5));
    check(in -> Gather.of(in[0], -1, 1), shape(2, 3));
    check(in -> ReflectPad.of(in[0], 1, 2, 1), shape(2, 3, 5));
    check(in -> ReflectPad.of(in[0], 0, 0, 0), shape(1, 2));
  }

  @Test
  void expand() {
    check(in -> in[0].expand(4, 3, 5), shape(3, 1));
    check(in -> in[0].expand(4, 3), shape(4, 3));
    check(in -> in[0].expand(2), shape());
  }

  @Test
  void reshape() {
    check(in -> in[0].reshape(5, -1), shape(2, 5, 3));
    check(in -> in[0].reshape(), shape(1, 1));
  }

  @Test
  void permute() {
    check(in -> in[0].permute(2, 0, 3, 1), shape(2, 3, 4, 5));
    check(in -> in[0].toChannelsLast().square().toChannelsFirst(), shape(2, 3, 4, 5));
  }

  @Test
  void slice() {
    check(in -> in[0].slice(1, 1, 3), shape(2, 4, 3));
    check(in -> in[0].slice(-1, 0, 1), shape(2, 4, 3));
    check(in -> in[0].slice(0, 0, 2), shape(2, 4, 3));
  }

  @Test
  void pad() {
    check(in -> Pad.of(in[0], 1, 2, 7), shape(2, 4, 3));
    check(in -> Pad.of(in[0], -1, 0, 3), shape(2, 3));
    check(in -> in[0].pad(0, 2, 3), shape(2, 3));
  }

  @Test
  void concat() {
    check(in -> Tensor.concat(1, in), shape(2, 3, 5), shape(2, 1, 5), shape(2, 4, 5));
    check(in -> Tensor.concat(-1, in[0], in[0]), shape(2, 3));
    check(in -> Tensor.concat(0, in), shape(2, 3));
  }

  @Test
  void roll() {
    check(in -> in[0].roll(1, 2), shape(2, 5, 3));
    check(in -> in[0].roll(1, -7), shape(2, 5, 3));
    check(in -> in[0].roll(0, 4), shape(2, 5, 3));
  }

  @Test
  void upsampleNearest() {
    check(in -> UpsampleNearest.of(in[0], 2), shape(2, 3, 2, 5));
    check(in -> UpsampleNearest.of(in[0], 3), shape(1, 1, 2, 1));
  }
}
