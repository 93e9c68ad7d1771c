package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import io.github.pix2pixzero.tensor.testing.GradientCheck;
import io.github.pix2pixzero.tensor.testing.OracleBackend;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.util.Arrays;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gradients of gradients: the squared norm of an operation's gradient, as gradient penalties take
 * it, against finite differences in double precision.
 */
class SecondDerivativesTest {
  private static final OracleBackend ORACLE = new OracleBackend();
  private static final Padding NONE = Padding.all(0);

  private static Shape shape(int... dims) {
    return Shape.of(dims);
  }

  private static void check(Function<Tensor[], Tensor> op, Shape... shapes) {
    check(-1, 1, op, shapes);
  }

  private static void check(
      double low, double high, Function<Tensor[], Tensor> op, Shape... shapes) {
    Tensor[] inputs = new Tensor[shapes.length];
    for (int i = 0; i < inputs.length; i++) {
      float[] values = Tensors.random(i + 1, shapes[i].size(), low, high);
      inputs[i] = Tensor.of(ORACLE, values, shapes[i].toArray()).variable();
    }
    Tensor[] fused = Autograd.grad(loss(op, inputs), inputs);
    Tensor[] composed = Autograd.differentiableGrad(loss(op, inputs), inputs);
    for (int i = 0; i < inputs.length; i++) {
      Tensors.assertClose(composed[i], fused[i], 1e-6);
    }
    GradientCheck.check(in -> penalty(op, in), inputs);
  }

  /** Σ ‖∂loss / ∂input‖². */
  private static Tensor penalty(Function<Tensor[], Tensor> op, Tensor[] in) {
    Tensor[] tracked = new Tensor[in.length];
    Arrays.setAll(tracked, i -> in[i].isTracked() ? in[i] : in[i].variable());
    Tensor[] gradients = Autograd.differentiableGrad(loss(op, tracked), tracked);
    return Arrays.stream(gradients)
        .map(gradient -> gradient.square().sum())
        .reduce(Tensor::add)
        .orElseThrow();
  }

  /** Not linear in the result, so that the incoming gradient depends on the inputs too. */
  private static Tensor loss(Function<Tensor[], Tensor> op, Tensor[] in) {
    Tensor out = op.apply(in);
    return out.square().add(out).mul(Tensors.random(ORACLE, 99, out.shape().toArray())).sum();
  }

  // ------------------------------------------------------------------ products

  @Test
  void matmulAndLinear() {
    check(in -> in[0].matmul(in[1]), shape(2, 2, 3), shape(2, 3, 2));
    check(in -> Matmul.of(in[0], in[1], true, true), shape(3, 2), shape(2, 2, 3));
    check(in -> Matmul.linear(in[0], in[1], in[2]).tanh(), shape(2, 2, 3), shape(3, 2), shape(2));
  }

  @Test
  void conv2d() {
    check(
        in -> Conv2d.of(in[0], in[1], in[2], 1, Padding.all(1)).sigmoid(),
        shape(1, 3, 2, 2),
        shape(3, 3, 2, 3),
        shape(3));
    check(
        in -> Conv2d.of(in[0], in[1], null, 2, new Padding(0, 0, 1, 1)),
        shape(2, 4, 3, 2),
        shape(3, 3, 2, 1));
    check(
        in -> Conv2d.of(in[0], in[1], null, 2, new Padding(2, 1, 1, 0)),
        shape(1, 4, 5, 1),
        shape(4, 4, 1, 2));
  }

  @Test
  void residuals() {
    check(
        in -> Matmul.linear(in[0], in[1], in[2], in[0]).tanh(), shape(3, 2), shape(2, 2), shape(2));
    check(
        in -> Conv2d.of(in[0], in[1], null, in[2], 1, Padding.all(1)).sigmoid(),
        shape(1, 3, 2, 2),
        shape(3, 3, 2, 1),
        shape(1, 3, 2, 1));
  }

  @Test
  void convTranspose2d() {
    check(
        in -> ConvTranspose2d.of(in[0], in[1], in[2], 2, new Padding(1, 0, 0, 1), 1).sigmoid(),
        shape(1, 2, 3, 2),
        shape(3, 3, 1, 2),
        shape(1));
    check(
        in -> ConvTranspose2d.of(in[0], in[1], null, 2, Padding.all(1), 0),
        shape(1, 3, 2, 2),
        shape(4, 4, 1, 2));
  }

  @Test
  void aThirdDerivativeOfAConvolution() {
    check(
        in -> penalty(at -> Conv2d.of(at[0], at[1], null, 1, NONE), in),
        shape(1, 2, 3, 1),
        shape(2, 2, 1, 1));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void modulatedConv2d(boolean demodulate) {
    Tensor filter = FirResample.filter(ORACLE, 1, 3, 3, 1);
    check(
        in -> ModulatedConv2d.of(in[0], in[1], in[2], demodulate),
        shape(2, 2, 2, 2),
        shape(3, 3, 2, 2),
        shape(2, 2));
    check(
        in -> ModulatedConv2d.up(in[0], in[1], in[2], demodulate, filter),
        shape(1, 2, 1, 2),
        shape(3, 3, 1, 2),
        shape(1, 2));
    check(
        in -> ModulatedConv2d.down(in[0], in[1], in[2], demodulate, filter),
        shape(1, 4, 2, 2),
        shape(3, 3, 2, 1),
        shape(1, 2));
  }

  @Test
  void upfirdn() {
    Tensor filter = Tensors.random(ORACLE, 3, 3, 2);
    check(in -> Upfirdn.of(in[0], filter, 2, 3, new Padding(-1, 2, 1, 0), true), shape(1, 4, 3, 2));
    check(in -> AvgPool2d.of(in[0], 2, 2, 1), shape(1, 3, 4, 2));
    check(in -> UpsampleNearest.of(in[0], 2), shape(1, 2, 3, 2));
    check(in -> BilinearResize.of(in[0], 3, 5, false), shape(1, 2, 3, 2));
  }

  // ------------------------------------------------------------------ elementwise

  @ParameterizedTest
  @EnumSource(Unary.class)
  void activate(Unary f) {
    boolean positive = f == Unary.LOG || f == Unary.SQRT;
    check(positive ? 0.5 : -3, 3, in -> Activate.of(f, in[0]), shape(2, 9));
  }

  @Test
  void piecewise() {
    check(in -> in[0].leakyRelu(0.2f), shape(3, 7));
    check(in -> in[0].relu().mul(in[0]), shape(3, 7));
    check(in -> in[0].clamp(-0.4f, 0.5f), shape(3, 7));
    check(in -> in[0].abs(), shape(3, 7));
    check(in -> in[0].maximum(in[1]), shape(3, 1), shape(4));
    check(in -> in[0].minimum(in[1]), shape(3, 1), shape(4));
    check(in -> in[0].max(0), shape(3, 4));
    check(in -> in[0].min(1), shape(3, 4));
  }

  @Test
  void arithmetic() {
    check(0.5, 2, in -> in[0].div(in[1]), shape(3, 1), shape(4));
    check(0.5, 2, in -> in[0].reciprocal().add(in[0].rsqrt()).add(in[0].pow(1.7f)), shape(5));
    check(in -> Geglu.of(in[0]), shape(2, 6));
  }

  // ------------------------------------------------------------------ normalisation, attention

  @Test
  void softmax() {
    check(-2, 2, in -> in[0].softmax(), shape(2, 5));
    check(-2, 2, in -> in[0].logSoftmax(), shape(2, 5));
    check(-2, 2, in -> CrossEntropy.of(in[0], new int[] {4, 1, 0}, 1, 0.1f), shape(3, 5));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void groupNorm(boolean silu) {
    check(
        in -> GroupNorm.of(in[0], in[1], in[2], 2, 1e-2f, silu),
        shape(2, 3, 4),
        shape(4),
        shape(4));
  }

  @Test
  void layerNorm() {
    check(in -> LayerNorm.of(in[0], in[1], in[2], 1e-2f), shape(2, 5), shape(5), shape(5));
  }

  /** The partial derivatives must not be mistaken for total ones. */
  @Test
  void layerNormWhoseInputsDependOnOneAnother() {
    check(
        in -> LayerNorm.of(in[0].mul(in[1]), in[1], in[2], 1e-2f), shape(2, 5), shape(5), shape(5));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void attention(boolean causal) {
    check(
        in -> Attention.of(in[0], in[1], in[2], 2, causal),
        shape(1, 3, 4),
        shape(1, 3, 4),
        shape(1, 3, 4));
  }

  @Test
  void attentionWithProbabilities() {
    check(in -> AttentionProbs.of(in[0], in[1], 2), shape(1, 2, 4), shape(1, 3, 4));
    check(in -> AttentionApply.of(in[0], in[1]), shape(1, 2, 2, 3), shape(1, 3, 4));
    check(
        in -> {
          Tensor probs = AttentionProbs.of(in[0], in[1], 2);
          return AttentionApply.of(probs, in[1]).mul(SquaredDistance.of(probs, in[2], 0.5f));
        },
        shape(1, 2, 4),
        shape(1, 3, 4),
        shape(1, 2, 2, 3));
  }

  // ------------------------------------------------------------------ movement and reduction

  @Test
  void movement() {
    check(in -> in[0].roll(1, 2), shape(2, 5));
    check(in -> in[0].pad(1, 2, 1), shape(2, 3));
    check(in -> ReflectPad.of(in[0], 1, 2, 1), shape(2, 3));
    check(in -> Tensor.concat(1, in[0], in[1].slice(1, 1, 3)), shape(2, 2), shape(2, 4));
    check(in -> in[0].permute(2, 0, 1).reshape(4, 3), shape(2, 3, 2));
    check(in -> in[0].expand(3, 2), shape(2));
    check(in -> Embedding.of(in[0], 2, 0, 2), shape(3, 2));
    check(in -> Gather.of(in[0], 1, 2, 0, 2), shape(2, 3, 2));
  }

  @Test
  void reductions() {
    check(in -> in[0].sum(0, 2), shape(2, 3, 2));
    check(in -> in[0].mean(2, 1), shape(2, 3, 2));
    check(in -> in[0].variance(0, 2), shape(2, 3, 2));
    check(in -> SquaredDistance.of(in[0], in[1], 0.7f), shape(2, 3), shape(2, 3));
  }
}
