package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.backend.BroadcastSpec;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.GroupNormSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.MemoryUse;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.backend.StridedSpec;
import io.github.pix2pixzero.tensor.backend.Unary;

/**
 * Every kernel on the first NVIDIA GPU. Kernels are launched one after the other in one stream, and
 * calls return before they have run; {@link #download} waits. All backends share the device's
 * memory and kernels, so making one costs nothing.
 */
public final class CudaBackend implements Backend {
  /** The system property that names the {@link Precision} of backends chosen by name. */
  public static final String PRECISION = "pix2pixzero.cuda.precision";

  private final Precision precision;
  private final Device device;
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
    Driver.unavailable()
        .ifPresent(
            reason -> {
              throw new IllegalStateException("CUDA cannot be used: " + reason);
            });
    this.precision = precision;
    device = Device.first();
    if (device.capability() < precision.capability()) {
      throw new IllegalStateException(
          "%s has no %s; it needs compute capability %s.%s"
              .formatted(
                  device, precision, precision.capability() / 10, precision.capability() % 10));
    }
    Tiling tiling = new Tiling(precision, device.multiprocessors());
    products = new MatrixProducts(device, tiling);
    convolutions = new Convolutions(device, tiling);
    reductions = new Reductions(device);
    rows = new Rows(device, reductions);
    attention = new Attention(device, products, rows);
    groupNorms = new GroupNorms(device, reductions);
    elementwise = new Elementwise(device);
    movement = new Movement(device);
  }

  @Override
  public String name() {
    return "cuda";
  }

  /**
   * Runs some work and records the kernels that it launches, to be replayed. The work must not copy
   * to or from the device.
   */
  public CudaGraph record(Runnable work) {
    return CudaGraph.record(device, work);
  }

  /** Waits until everything launched has run. */
  public void synchronize() {
    device.synchronize();
  }

  @Override
  public Storage allocate(int size) {
    return new CudaStorage(this, device.pool(), size);
  }

  @Override
  public void upload(float[] source, int offset, Storage target) {
    device.transfers().upload(source, offset, (CudaStorage) target);
  }

  @Override
  public void download(Storage source, float[] target, int offset) {
    device.transfers().download((CudaStorage) source, target, offset);
  }

  @Override
  public MemoryUse memory() {
    return device.pool().use();
  }

  /** Where a storage begins in device memory; 0 where there is none. */
  private static long at(Storage storage) {
    return storage == null ? 0 : ((CudaStorage) storage).address();
  }

  @Override
  public String toString() {
    return "cuda (%s, %s)".formatted(device, precision);
  }

  @Override
  public void matmul(MatmulSpec spec, Storage a, Storage b, Storage bias, Storage out) {
    products.matmul(spec, at(a), at(b), at(bias), at(out));
  }

  @Override
  public void conv2d(Conv2dSpec spec, Storage x, Storage weight, Storage bias, Storage out) {
    convolutions.forward(spec, at(x), at(weight), at(bias), at(out));
  }

  @Override
  public void conv2dInputGradient(Conv2dSpec spec, Storage gradOut, Storage weight, Storage gradX) {
    convolutions.inputGradient(spec, at(gradOut), at(weight), at(gradX));
  }

  @Override
  public void conv2dWeightGradient(
      Conv2dSpec spec, Storage x, Storage gradOut, Storage gradWeight) {
    convolutions.weightGradient(spec, at(x), at(gradOut), at(gradWeight));
  }

  @Override
  public void groupNorm(
      GroupNormSpec spec, Storage x, Storage gamma, Storage beta, Storage out, Storage stats) {
    groupNorms.forward(spec, at(x), at(gamma), at(beta), at(out), at(stats));
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
    groupNorms.backward(
        spec,
        at(x),
        at(gamma),
        at(beta),
        at(stats),
        at(gradOut),
        at(gradX),
        at(gradGamma),
        at(gradBeta));
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
    this.rows.layerNorm(
        rows, width, epsilon, at(x), at(gamma), at(beta), at(out), at(stats));
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
    this.rows.layerNormBackward(
        rows,
        width,
        at(x),
        at(gamma),
        at(stats),
        at(gradOut),
        at(gradX),
        at(gradGamma),
        at(gradBeta));
  }

  @Override
  public void softmax(int rows, int width, Storage x, Storage out) {
    this.rows.softmax(rows, width, 0, at(x), at(out));
  }

  @Override
  public void softmaxBackward(int rows, int width, Storage y, Storage gradOut, Storage gradX) {
    this.rows.softmaxBackward(rows, width, 1f, at(y), at(gradOut), at(gradX));
  }

  @Override
  public void attention(
      AttentionSpec spec, Storage q, Storage k, Storage v, Storage out, Storage logSumExp) {
    attention.forward(spec, at(q), at(k), at(v), at(out), at(logSumExp));
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
    attention.backward(
        spec,
        at(q),
        at(k),
        at(v),
        at(out),
        at(logSumExp),
        at(gradOut),
        at(gradQ),
        at(gradK),
        at(gradV));
  }

  @Override
  public void attentionProbs(AttentionSpec spec, Storage q, Storage k, Storage probs) {
    attention.probs(spec, at(q), at(k), at(probs));
  }

  @Override
  public void attentionProbsBackward(
      AttentionSpec spec,
      Storage q,
      Storage k,
      Storage probs,
      Storage gradProbs,
      Storage gradQ,
      Storage gradK) {
    attention.probsBackward(
        spec, at(q), at(k), at(probs), at(gradProbs), at(gradQ), at(gradK));
  }

  @Override
  public void attentionApply(AttentionSpec spec, Storage probs, Storage v, Storage out) {
    attention.apply(spec, at(probs), at(v), at(out));
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
        spec, at(probs), at(v), at(gradOut), at(gradProbs), at(gradV));
  }

  @Override
  public void unary(Unary f, int size, Storage x, Storage out) {
    elementwise.unary(f, size, at(x), at(out));
  }

  @Override
  public void unaryBackward(Unary f, int size, Storage x, Storage gradOut, Storage gradX) {
    elementwise.unaryBackward(f, size, at(x), at(gradOut), at(gradX));
  }

  @Override
  public void affine(int size, Storage x, float scale, float shift, Storage out) {
    elementwise.affine(size, at(x), scale, shift, at(out));
  }

  @Override
  public void binary(Binary f, BroadcastSpec spec, Storage a, Storage b, Storage out) {
    elementwise.binary(f, spec, at(a), at(b), at(out));
  }

  @Override
  public void geglu(int rows, int width, Storage x, Storage out) {
    elementwise.geglu(rows, width, at(x), at(out));
  }

  @Override
  public void gegluBackward(int rows, int width, Storage x, Storage gradOut, Storage gradX) {
    elementwise.gegluBackward(rows, width, at(x), at(gradOut), at(gradX));
  }

  @Override
  public void sum(int outer, int reduced, int inner, Storage x, Storage out) {
    reductions.sum(outer, reduced, inner, at(x), at(out));
  }

  @Override
  public void copy(StridedSpec spec, Storage source, Storage target) {
    elementwise.copy(spec, at(source), at(target));
  }

  @Override
  public void gather(int[] rows, int width, Storage table, Storage out) {
    movement.gather(rows, width, at(table), at(out));
  }

  @Override
  public void upsampleNearest(
      int batch, int height, int width, int channels, int factor, Storage x, Storage out) {
    movement.upsampleNearest(batch, height, width, channels, factor, at(x), at(out));
  }

  @Override
  public void upsampleNearestBackward(
      int batch, int height, int width, int channels, int factor, Storage gradOut, Storage gradX) {
    movement.upsampleNearestBackward(
        batch, height, width, channels, factor, at(gradOut), at(gradX));
  }

  @Override
  public void fill(float value, Storage out) {
    elementwise.fill(value, out.size(), at(out));
  }
}
