package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.AdamSpec;
import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.backend.BroadcastSpec;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.GroupNormSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.backend.StridedSpec;
import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.backend.UpfirdnSpec;
import java.util.Arrays;

/**
 * Every kernel in plain loops. It needs nothing but Java 17 and is what faster backends on the CPU
 * build on: they extend it and replace the kernels they are better at.
 */
public class PlainBackend extends HostBackend {
  private final MatmulKernels matmul = new MatmulKernels(workers());
  private final ConvKernels conv = new ConvKernels(this);
  private final GroupNormKernels groupNorm = new GroupNormKernels(workers());
  private final LayerNormKernels layerNorm = new LayerNormKernels(workers());
  private final SoftmaxKernels softmax = new SoftmaxKernels(workers());
  private final AttentionKernels attention = new AttentionKernels(this);
  private final ElementwiseKernels elementwise = new ElementwiseKernels(workers());
  private final BinaryKernels binary = new BinaryKernels(workers());
  private final TrainingKernels training = new TrainingKernels(workers());
  private final SumKernel sum = new SumKernel(workers());
  private final DistanceKernels distance = new DistanceKernels(workers());
  private final MaxKernel max = new MaxKernel(workers());
  private final FirKernel fir = new FirKernel(workers());
  private final MovementKernels movement = new MovementKernels(workers());

  /** A backend whose kernels run on {@code threads} threads, the caller's included. */
  public PlainBackend(int threads) {
    super(threads);
  }

  @Override
  public String name() {
    return "plain";
  }

  @Override
  public void matmul(MatmulSpec spec, Storage a, Storage b, Storage bias, Storage out) {
    matmul.matmul(spec, array(a), elements(b), array(bias), array(out));
  }

  @Override
  public void conv2d(Conv2dSpec spec, Storage x, Storage weight, Storage bias, Storage out) {
    conv.forward(spec, array(x), elements(weight), array(bias), array(out));
  }

  @Override
  public void conv2dInputGradient(Conv2dSpec spec, Storage gradOut, Storage weight, Storage gradX) {
    conv.inputGradient(spec, array(gradOut), elements(weight), array(gradX));
  }

  @Override
  public void conv2dWeightGradient(
      Conv2dSpec spec, Storage x, Storage gradOut, Storage gradWeight) {
    conv.weightGradient(spec, array(x), array(gradOut), array(gradWeight));
  }

  @Override
  public void groupNorm(
      GroupNormSpec spec, Storage x, Storage gamma, Storage beta, Storage out, Storage stats) {
    groupNorm.forward(spec, array(x), array(gamma), array(beta), array(out), array(stats));
  }

  @Override
  public void groupNormBackward(
      GroupNormSpec spec,
      Storage x,
      Storage gamma,
      Storage beta,
      Storage stats,
      Storage gradOut,
      Storage gradX,
      Storage gradGamma,
      Storage gradBeta) {
    groupNorm.backward(
        spec,
        array(x),
        array(gamma),
        array(beta),
        array(stats),
        array(gradOut),
        array(gradX),
        array(gradGamma),
        array(gradBeta));
  }

  @Override
  public void layerNorm(
      int rows,
      int width,
      float epsilon,
      Storage x,
      Storage gamma,
      Storage beta,
      Storage out,
      Storage stats) {
    layerNorm.forward(
        rows, width, epsilon, array(x), array(gamma), array(beta), array(out), array(stats));
  }

  @Override
  public void layerNormBackward(
      int rows,
      int width,
      Storage x,
      Storage gamma,
      Storage stats,
      Storage gradOut,
      Storage gradX,
      Storage gradGamma,
      Storage gradBeta) {
    layerNorm.backward(
        rows,
        width,
        array(x),
        array(gamma),
        array(stats),
        array(gradOut),
        array(gradX),
        array(gradGamma),
        array(gradBeta));
  }

  @Override
  public void softmax(int rows, int width, Storage x, Storage out) {
    softmax.softmax(rows, width, array(x), array(out));
  }

  @Override
  public void softmaxBackward(int rows, int width, Storage y, Storage gradOut, Storage gradX) {
    softmax.backward(rows, width, array(y), array(gradOut), array(gradX));
  }

  @Override
  public void attention(
      AttentionSpec spec, Storage q, Storage k, Storage v, Storage out, Storage logSumExp) {
    attention.attention(spec, array(q), array(k), array(v), array(out), array(logSumExp));
  }

  @Override
  public void attentionBackward(
      AttentionSpec spec,
      Storage q,
      Storage k,
      Storage v,
      Storage out,
      Storage logSumExp,
      Storage gradOut,
      Storage gradQ,
      Storage gradK,
      Storage gradV) {
    attention.attentionBackward(
        spec,
        array(q),
        array(k),
        array(v),
        array(out),
        array(logSumExp),
        array(gradOut),
        array(gradQ),
        array(gradK),
        array(gradV));
  }

  @Override
  public void attentionProbs(AttentionSpec spec, Storage q, Storage k, Storage probs) {
    attention.probs(spec, array(q), array(k), array(probs));
  }

  @Override
  public void attentionProbsBackward(
      AttentionSpec spec,
      Storage q,
      Storage k,
      Storage probs,
      Storage gradProbs,
      Storage moreGradProbs,
      Storage gradQ,
      Storage gradK) {
    attention.probsBackward(
        spec,
        array(q),
        array(k),
        array(probs),
        array(gradProbs),
        array(moreGradProbs),
        array(gradQ),
        array(gradK));
  }

  @Override
  public void attentionApply(AttentionSpec spec, Storage probs, Storage v, Storage out) {
    attention.apply(spec, array(probs), array(v), array(out));
  }

  @Override
  public void attentionApplyBackward(
      AttentionSpec spec,
      Storage probs,
      Storage v,
      Storage gradOut,
      Storage gradProbs,
      Storage gradV) {
    attention.applyBackward(
        spec, array(probs), array(v), array(gradOut), array(gradProbs), array(gradV));
  }

  @Override
  public void unary(Unary f, int size, Storage x, Storage out) {
    elementwise.unary(f, size, array(x), array(out));
  }

  @Override
  public void unaryBackward(Unary f, int size, Storage x, Storage gradOut, Storage gradX) {
    elementwise.unaryBackward(f, size, array(x), array(gradOut), array(gradX));
  }

  @Override
  public void affine(int size, Storage x, float scale, float shift, Storage out) {
    elementwise.affine(size, array(x), scale, shift, array(out));
  }

  @Override
  public void leakyRelu(int size, float slope, Storage x, Storage out) {
    elementwise.leakyRelu(size, slope, array(x), array(out));
  }

  @Override
  public void leakyReluBackward(int size, float slope, Storage x, Storage gradOut, Storage gradX) {
    elementwise.leakyReluBackward(size, slope, array(x), array(gradOut), array(gradX));
  }

  @Override
  public void clamp(int size, float low, float high, Storage x, Storage out) {
    elementwise.clamp(size, low, high, array(x), array(out));
  }

  @Override
  public void clampBackward(
      int size, float low, float high, Storage x, Storage gradOut, Storage gradX) {
    elementwise.clampBackward(size, low, high, array(x), array(gradOut), array(gradX));
  }

  @Override
  public void binary(Binary f, BroadcastSpec spec, Storage a, Storage b, Storage out) {
    binary.binary(f, spec, array(a), array(b), array(out));
  }

  @Override
  public void geglu(int rows, int width, Storage x, Storage out) {
    elementwise.geglu(rows, width, array(x), array(out));
  }

  @Override
  public void gegluBackward(int rows, int width, Storage x, Storage gradOut, Storage gradX) {
    elementwise.gegluBackward(rows, width, array(x), array(gradOut), array(gradX));
  }

  @Override
  public void axpby(int size, float alpha, Storage x, float beta, Storage y) {
    training.axpby(size, alpha, array(x), beta, array(y));
  }

  @Override
  public void adam(
      AdamSpec spec, Storage gradient, Storage parameter, Storage mean, Storage square) {
    training.adam(spec, array(gradient), array(parameter), array(mean), array(square));
  }

  @Override
  public void sum(int outer, int reduced, int inner, Storage x, Storage out) {
    sum.sum(outer, reduced, inner, array(x), array(out));
  }

  @Override
  public void max(int outer, int reduced, int inner, Storage x, Storage out) {
    max.max(outer, reduced, inner, array(x), array(out));
  }

  @Override
  public void squaredDistance(int size, float weight, Storage a, Storage b, Storage out) {
    distance.squaredDistance(size, weight, array(a), array(b), array(out));
  }

  @Override
  public void squaredDistanceBackward(
      int size, float weight, Storage a, Storage b, Storage gradOut, Storage gradA) {
    distance.backward(size, weight, array(a), array(b), array(gradOut), array(gradA));
  }

  @Override
  public void copy(StridedSpec spec, Storage source, Storage target) {
    movement.copy(spec, array(source), array(target));
  }

  @Override
  public void gather(int[] rows, int width, Storage table, Storage out) {
    movement.gather(rows, width, elements(table), array(out));
  }

  @Override
  public void scatterAdd(int[] rows, int width, Storage source, Storage target) {
    movement.scatterAdd(rows, width, array(source), array(target));
  }

  @Override
  public void upfirdn(UpfirdnSpec spec, Storage x, Storage filter, Storage out) {
    fir.upfirdn(spec, array(x), array(filter), array(out));
  }

  @Override
  public void upsampleNearest(
      int batch, int height, int width, int channels, int factor, Storage x, Storage out) {
    movement.upsampleNearest(batch, height, width, channels, factor, array(x), array(out));
  }

  @Override
  public void upsampleNearestBackward(
      int batch, int height, int width, int channels, int factor, Storage gradOut, Storage gradX) {
    movement.upsampleNearestBackward(
        batch, height, width, channels, factor, array(gradOut), array(gradX));
  }

  @Override
  public void fill(float value, Storage out) {
    Arrays.fill(array(out), 0, out.size(), value);
  }
}
