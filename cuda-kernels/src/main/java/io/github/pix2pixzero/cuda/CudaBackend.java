package io.github.pix2pixzero.cuda;

import com.google.common.base.Suppliers;
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

/**
 * Every kernel on the first NVIDIA GPU. Kernels are launched one after the other in one stream, and
 * calls return before they have run; {@link #download} waits. All backends share the device's
 * memory and kernels, so making one costs nothing.
 */
public final class CudaBackend extends DeviceBackend {
  /** The system property that names the {@link Precision} of backends chosen by name. */
  public static final String PRECISION = "pix2pixzero.cuda.precision";

  private static final boolean WARPGROUPS = isOn("pix2pixzero.cuda.warpgroups");

  private final MatrixProducts products;
  private final Convolutions convolutions;
  private final Attention attention;
  private final Rows rows;
  private final GroupNorms groupNorms;
  private final Elementwise elementwise;
  private final Reductions reductions;
  private final Movement movement;

  /**
   * The backend on the first device.
   *
   * @throws IllegalStateException if there is no device, or none that has this precision, and why
   */
  public CudaBackend(Precision precision) {
    this(precision, null);
  }

  /**
   * Cuts products into tiles of that name where there are some; null for what is estimated best.
   */
  CudaBackend(Precision precision, String tile) {
    super(precision);
    Tiling tiling =
        tile == null
            ? new Tiling(
                precision, device.multiprocessors(), Suppliers.memoize(this::hasWarpgroups)::get)
            : Tiling.preferring(precision, device.multiprocessors(), tile);
    products = new MatrixProducts(device, tiling);
    convolutions = new Convolutions(device, tiling);
    reductions = new Reductions(device, elements);
    rows = new Rows(device, elements, reductions);
    attention = new Attention(device, elements, products, rows);
    groupNorms = new GroupNorms(device, elements, reductions);
    elementwise = new Elementwise(device, elements);
    movement = new Movement(device, elements);
  }

  /** Not so where the driver has compiled kernels for other devices. */
  private boolean hasWarpgroups() {
    return WARPGROUPS
        && device.capability() == 90
        && device.launcher().has("matmul_" + precision.suffix(), "matmul_nn_group_small");
  }

  @Override
  public void matmul(MatmulSpec spec, Storage a, Storage b, Storage bias, Storage out) {
    conversions.begin();
    products.matmul(spec, in(a), in(b), in(bias), 0, out(out));
  }

  @Override
  public void matmulAdd(
      MatmulSpec spec, Storage a, Storage b, Storage bias, Storage addend, Storage out) {
    conversions.begin();
    products.matmul(spec, in(a), in(b), in(bias), in(addend), out(out));
  }

  @Override
  public void matmulGeglu(MatmulSpec spec, Storage a, Storage b, Storage bias, Storage out) {
    if (elements == ElementType.FLOAT32
        || spec.batch() != 1
        || spec.transposeA()
        || spec.transposeB()) {
      super.matmulGeglu(spec, a, b, bias, out);
      return;
    }
    conversions.begin();
    products.geglu(spec, in(a), in(b), in(bias), out(out));
  }

  @Override
  public void conv2d(Conv2dSpec spec, Storage x, Storage weight, Storage bias, Storage out) {
    conversions.begin();
    convolutions.forward(spec, in(x), in(weight), in(bias), 0, out(out));
  }

  @Override
  public void conv2dAdd(
      Conv2dSpec spec, Storage x, Storage weight, Storage bias, Storage addend, Storage out) {
    conversions.begin();
    convolutions.forward(spec, in(x), in(weight), in(bias), in(addend), out(out));
  }

  @Override
  public void conv2dInputGradient(Conv2dSpec spec, Storage gradOut, Storage weight, Storage gradX) {
    conversions.begin();
    convolutions.inputGradient(spec, in(gradOut), in(weight), out(gradX));
  }

  @Override
  public void conv2dWeightGradient(
      Conv2dSpec spec, Storage x, Storage gradOut, Storage gradWeight) {
    conversions.begin();
    convolutions.weightGradient(spec, in(x), in(gradOut), out(gradWeight));
  }

  @Override
  public void modulatedConv2d(
      Conv2dSpec spec, Storage x, Storage before, Storage weight, Storage after, Storage out) {
    conversions.begin();
    convolutions.modulated(spec, in(x), in(before), in(weight), in(after), out(out));
  }

  @Override
  public void modulatedConv2dInputGradient(
      Conv2dSpec spec,
      Storage gradOut,
      Storage before,
      Storage weight,
      Storage after,
      Storage gradX) {
    conversions.begin();
    convolutions.modulatedInputGradient(
        spec, in(gradOut), in(before), in(weight), in(after), out(gradX));
  }

  @Override
  public void groupNorm(
      GroupNormSpec spec, Storage x, Storage gamma, Storage beta, Storage out, Storage stats) {
    conversions.begin();
    groupNorms.forward(spec, in(x), in(gamma), in(beta), out(out), outFloats(stats));
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
    conversions.begin();
    groupNorms.backward(
        spec,
        in(x),
        in(gamma),
        in(beta),
        inFloats(stats),
        in(gradOut),
        out(gradX),
        out(gradGamma),
        out(gradBeta));
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
    conversions.begin();
    this.rows.layerNorm(
        rows, width, epsilon, in(x), in(gamma), in(beta), out(out), outFloats(stats));
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
    conversions.begin();
    this.rows.layerNormBackward(
        rows,
        width,
        in(x),
        in(gamma),
        inFloats(stats),
        in(gradOut),
        out(gradX),
        out(gradGamma),
        out(gradBeta));
  }

  @Override
  public void softmax(int rows, int width, Storage x, Storage out) {
    conversions.begin();
    this.rows.softmax(rows, width, 0, in(x), out(out));
  }

  @Override
  public void softmaxBackward(int rows, int width, Storage y, Storage gradOut, Storage gradX) {
    conversions.begin();
    this.rows.softmaxBackward(rows, width, 1f, in(y), in(gradOut), 0, out(gradX));
  }

  @Override
  public void attention(
      AttentionSpec spec, Storage q, Storage k, Storage v, Storage out, Storage logSumExp) {
    conversions.begin();
    attention.forward(spec, in(q), in(k), in(v), out(out), outFloats(logSumExp));
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
    conversions.begin();
    attention.backward(
        spec,
        in(q),
        in(k),
        in(v),
        in(out),
        inFloats(logSumExp),
        in(gradOut),
        out(gradQ),
        out(gradK),
        out(gradV));
  }

  @Override
  public void attentionProbs(AttentionSpec spec, Storage q, Storage k, Storage probs) {
    conversions.begin();
    attention.probs(spec, in(q), in(k), out(probs));
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
    conversions.begin();
    attention.probsBackward(
        spec, in(q), in(k), in(probs), in(gradProbs), in(moreGradProbs), out(gradQ), out(gradK));
  }

  @Override
  public void attentionApply(AttentionSpec spec, Storage probs, Storage v, Storage out) {
    conversions.begin();
    attention.apply(spec, in(probs), in(v), out(out));
  }

  @Override
  public void attentionApplyBackward(
      AttentionSpec spec,
      Storage probs,
      Storage v,
      Storage gradOut,
      Storage gradProbs,
      Storage gradV) {
    conversions.begin();
    attention.applyBackward(spec, in(probs), in(v), in(gradOut), out(gradProbs), out(gradV));
  }

  @Override
  public void unary(Unary f, int size, Storage x, Storage out) {
    conversions.begin();
    elementwise.unary(f, size, in(x), out(out));
  }

  @Override
  public void unaryBackward(Unary f, int size, Storage x, Storage gradOut, Storage gradX) {
    conversions.begin();
    elementwise.unaryBackward(f, size, in(x), in(gradOut), out(gradX));
  }

  @Override
  public void affine(int size, Storage x, float scale, float shift, Storage out) {
    conversions.begin();
    elementwise.affine(size, in(x), scale, shift, out(out));
  }

  @Override
  public void leakyRelu(int size, float slope, Storage x, Storage out) {
    conversions.begin();
    elementwise.leakyRelu(size, slope, in(x), out(out));
  }

  @Override
  public void leakyReluBackward(int size, float slope, Storage x, Storage gradOut, Storage gradX) {
    conversions.begin();
    elementwise.leakyReluBackward(size, slope, in(x), in(gradOut), out(gradX));
  }

  @Override
  public void clamp(int size, float low, float high, Storage x, Storage out) {
    conversions.begin();
    elementwise.clamp(size, low, high, in(x), out(out));
  }

  @Override
  public void clampBackward(
      int size, float low, float high, Storage x, Storage gradOut, Storage gradX) {
    conversions.begin();
    elementwise.clampBackward(size, low, high, in(x), in(gradOut), out(gradX));
  }

  @Override
  public void binary(Binary f, BroadcastSpec spec, Storage a, Storage b, Storage out) {
    conversions.begin();
    elementwise.binary(f, spec, in(a), in(b), out(out));
  }

  @Override
  public void geglu(int rows, int width, Storage x, Storage out) {
    conversions.begin();
    elementwise.geglu(rows, width, in(x), out(out));
  }

  @Override
  public void gegluBackward(int rows, int width, Storage x, Storage gradOut, Storage gradX) {
    conversions.begin();
    elementwise.gegluBackward(rows, width, in(x), in(gradOut), out(gradX));
  }

  @Override
  public void axpby(int size, float alpha, Storage x, float beta, Storage y) {
    conversions.begin();
    ElementType type = ((CudaStorage) y).type();
    elementwise.axpby(
        type, size, alpha, conversions.read((CudaStorage) x, type), beta, change(y, type));
  }

  /** From the first step on the parameter and its moments are float32. */
  @Override
  public void adam(
      AdamSpec spec, Storage gradient, Storage parameter, Storage mean, Storage square) {
    conversions.begin();
    elementwise.adam(
        spec,
        inFloats(gradient),
        change(parameter, ElementType.FLOAT32),
        change(mean, ElementType.FLOAT32),
        change(square, ElementType.FLOAT32));
  }

  @Override
  public void sum(int outer, int reduced, int inner, Storage x, Storage out) {
    conversions.begin();
    reductions.sum(outer, reduced, inner, in(x), out(out));
  }

  @Override
  public void max(int outer, int reduced, int inner, Storage x, Storage out) {
    conversions.begin();
    reductions.max(outer, reduced, inner, in(x), out(out));
  }

  @Override
  public void squaredDistance(int size, float weight, Storage a, Storage b, Storage out) {
    conversions.begin();
    reductions.squaredDistance(size, weight, in(a), in(b), out(out));
  }

  @Override
  public void squaredDistanceBackward(
      int size, float weight, Storage a, Storage b, Storage gradOut, Storage gradA) {
    conversions.begin();
    elementwise.squaredDistanceBackward(size, weight, in(a), in(b), in(gradOut), out(gradA));
  }

  @Override
  public void copy(StridedSpec spec, Storage source, Storage target) {
    conversions.begin();
    elementwise.copy(spec, in(source), change(target, elements));
  }

  @Override
  public void gather(int[] rows, int width, Storage table, Storage out) {
    conversions.begin();
    movement.gather(rows, width, in(table), out(out));
  }

  /** The target is float32 from here on: many rows may be added to one. */
  @Override
  public void scatterAdd(int[] rows, int width, Storage source, Storage target) {
    conversions.begin();
    movement.scatterAdd(rows, width, inFloats(source), change(target, ElementType.FLOAT32));
  }

  @Override
  public void upfirdn(UpfirdnSpec spec, Storage x, Storage filter, Storage out) {
    conversions.begin();
    movement.upfirdn(spec, in(x), in(filter), out(out));
  }

  @Override
  public void upsampleNearest(
      int batch, int height, int width, int channels, int factor, Storage x, Storage out) {
    conversions.begin();
    movement.upsampleNearest(batch, height, width, channels, factor, in(x), out(out));
  }

  @Override
  public void upsampleNearestBackward(
      int batch, int height, int width, int channels, int factor, Storage gradOut, Storage gradX) {
    conversions.begin();
    movement.upsampleNearestBackward(
        batch, height, width, channels, factor, in(gradOut), out(gradX));
  }

  @Override
  public void fill(float value, Storage out) {
    conversions.begin();
    elementwise.fill(value, out.size(), out(out));
  }
}
