package io.github.pix2pixzero.tensor.internal.vector;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.backend.BroadcastSpec;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.GroupNormSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.backend.UpfirdnSpec;
import io.github.pix2pixzero.tensor.internal.cpu.HostStorage;
import io.github.pix2pixzero.tensor.internal.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.internal.cpu.Walk;
import java.util.Optional;

/**
 * The backend for the CPU that uses its vector instructions, through the incubating {@code
 * jdk.incubator.vector}; a JVM needs {@code --add-modules jdk.incubator.vector} to load this class.
 * Kernels that gain nothing from it are the plain ones, whose loops the JIT compiler turns into
 * vector instructions by itself.
 */
public final class VectorBackend extends PlainBackend {
  /** Halves of a model so small that its weights are better kept as floats. */
  private static final long SMALL_MODEL = 32 << 20;

  private final Packing packing;
  private final MatmulKernels matmul;
  private final ConvKernels conv;
  private final GroupNormKernels groupNorm = new GroupNormKernels(workers());
  private final LayerNormKernels layerNorm = new LayerNormKernels(workers());
  private final SoftmaxKernels softmax = new SoftmaxKernels(workers());
  private final AttentionKernels attention;
  private final ActivationKernels activation = new ActivationKernels(workers());
  private final RepeatedRows repeated = new RepeatedRows(workers());
  private final FirKernel fir = new FirKernel(workers());

  /** A backend whose kernels run on {@code threads} threads, the caller's included. */
  public VectorBackend(int threads) {
    this(threads, SMALL_MODEL);
  }

  /**
   * A backend that keeps what it converts from halves while all its halves take no more than {@code
   * smallModel} bytes: threefold memory for the time of converting at every use.
   */
  public VectorBackend(int threads, long smallModel) {
    super(threads);
    packing = new Packing(this, workers(), smallModel);
    matmul = new MatmulKernels(workers(), packing);
    conv = new ConvKernels(workers(), packing);
    attention = new AttentionKernels(workers(), packing);
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public void matmul(MatmulSpec spec, Storage a, Storage b, Storage bias, Storage out) {
    matmul.matmul(spec, array(a), (HostStorage) b, array(bias), array(out));
  }

  @Override
  public void conv2d(Conv2dSpec spec, Storage x, Storage weight, Storage bias, Storage out) {
    conv.forward(spec, array(x), (HostStorage) weight, array(bias), array(out));
  }

  @Override
  public void conv2dInputGradient(Conv2dSpec spec, Storage gradOut, Storage weight, Storage gradX) {
    conv.inputGradient(spec, array(gradOut), (HostStorage) weight, array(gradX));
  }

  @Override
  public void conv2dWeightGradient(
      Conv2dSpec spec, Storage x, Storage gradOut, Storage gradWeight) {
    conv.weightGradient(spec, array(x), array(gradOut), array(gradWeight));
  }

  @Override
  public void groupNorm(
      GroupNormSpec spec, Storage x, Storage gamma, Storage beta, Storage out, Storage stats) {
    if (RowLoops.fits(spec.channels())) {
      groupNorm.forward(spec, array(x), array(gamma), array(beta), array(out), array(stats));
    } else {
      super.groupNorm(spec, x, gamma, beta, out, stats);
    }
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
    if (RowLoops.fits(spec.channels())) {
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
    } else {
      super.groupNormBackward(spec, x, gamma, beta, stats, gradOut, gradX, gradGamma, gradBeta);
    }
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
    if (RowLoops.fits(width)) {
      layerNorm.forward(
          rows, width, epsilon, array(x), array(gamma), array(beta), array(out), array(stats));
    } else {
      super.layerNorm(rows, width, epsilon, x, gamma, beta, out, stats);
    }
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
    if (RowLoops.fits(width) && gradGamma == null) {
      layerNorm.inputGradient(
          rows, width, array(x), array(gamma), array(stats), array(gradOut), array(gradX));
    } else {
      super.layerNormBackward(rows, width, x, gamma, stats, gradOut, gradX, gradGamma, gradBeta);
    }
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
    new FlashAttention(spec, workers(), packing)
        .compute(array(q), array(k), array(v), array(out), array(logSumExp));
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
    new FlashGradients(
            spec,
            workers(),
            packing,
            array(q),
            array(k),
            array(v),
            array(logSumExp),
            array(gradOut))
        .compute(array(out), array(gradQ), array(gradK), array(gradV));
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
    Optional<RowLoops.One> loop = ActivationKernels.forward(f);
    if (loop.isPresent()) {
      activation.unary(loop.get(), size, array(x), array(out));
    } else {
      super.unary(f, size, x, out);
    }
  }

  @Override
  public void unaryBackward(Unary f, int size, Storage x, Storage gradOut, Storage gradX) {
    Optional<RowLoops.Two> loop = ActivationKernels.backward(f);
    if (loop.isPresent()) {
      activation.unaryBackward(loop.get(), size, array(x), array(gradOut), array(gradX));
    } else {
      super.unaryBackward(f, size, x, gradOut, gradX);
    }
  }

  @Override
  public void binary(Binary f, BroadcastSpec spec, Storage a, Storage b, Storage out) {
    Walk walk = new Walk(spec.shape(), spec.aStrides(), spec.bStrides());
    Optional<RowLoops.Two> loop = RepeatedRows.loop(f);
    int period = walk.joinRepeats();
    if (loop.isPresent() && period > 0) {
      repeated.binary(loop.get(), period, walk, array(a), array(b), array(out));
    } else {
      super.binary(f, spec, a, b, out);
    }
  }

  @Override
  public void geglu(int rows, int width, Storage x, Storage out) {
    activation.geglu(rows, width, array(x), array(out));
  }

  @Override
  public void gegluBackward(int rows, int width, Storage x, Storage gradOut, Storage gradX) {
    activation.gegluBackward(rows, width, array(x), array(gradOut), array(gradX));
  }

  @Override
  public void leakyRelu(int size, float slope, Storage x, Storage out) {
    activation.unary(PiecewiseKernels.leakyRelu(slope), size, array(x), array(out));
  }

  @Override
  public void leakyReluBackward(int size, float slope, Storage x, Storage gradOut, Storage gradX) {
    activation.unaryBackward(
        PiecewiseKernels.leakyReluBackward(slope), size, array(x), array(gradOut), array(gradX));
  }

  @Override
  public void clampBackward(
      int size, float low, float high, Storage x, Storage gradOut, Storage gradX) {
    activation.unaryBackward(
        PiecewiseKernels.clampBackward(low, high), size, array(x), array(gradOut), array(gradX));
  }

  @Override
  public void upfirdn(UpfirdnSpec spec, Storage x, Storage filter, Storage out) {
    fir.upfirdn(spec, array(x), array(filter), array(out));
  }
}
