package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import java.util.Arrays;
import java.util.List;

/**
 * {@code A[…, m, k] · B[…, k, n] (+ bias[n]) (+ residual[…, m, n])}, either side optionally stored
 * transposed.
 *
 * <p>The leading axes are the batch: equal on both sides, or absent on one side, which then serves
 * every product. With G the gradient of the result, ∂A = G · Bᵀ, ∂B = Aᵀ · G, ∂bias = Σ rows of G
 * and ∂residual = G.
 */
public final class Matmul extends Op {
  private final Tensor a;
  private final Tensor b;
  private final boolean transposeA;
  private final boolean transposeB;

  private Matmul(Tensor a, Tensor b, boolean transposeA, boolean transposeB) {
    this.a = a;
    this.b = b;
    this.transposeA = transposeA;
    this.transposeB = transposeB;
  }

  public static Tensor of(Tensor a, Tensor b) {
    return of(a, b, null, null, false, false);
  }

  /** A linear layer's {@code x · weight + bias}; {@code bias} may be null. */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    return of(x, weight, bias, null, false, false);
  }

  /** {@code residual + x · weight + bias}; {@code bias} may be null. */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias, Tensor residual) {
    return of(x, weight, bias, residual, false, false);
  }

  public static Tensor of(Tensor a, Tensor b, boolean transposeA, boolean transposeB) {
    return of(a, b, null, null, transposeA, transposeB);
  }

  private static Tensor of(
      Tensor a, Tensor b, Tensor bias, Tensor residual, boolean transposeA, boolean transposeB) {
    checkArgument(
        a.shape().rank() >= 2 && b.shape().rank() >= 2,
        "a matrix product needs matrices, got %s and %s",
        a.shape(),
        b.shape());
    int m = a.dim(transposeA ? -1 : -2);
    int k = a.dim(transposeA ? -2 : -1);
    int n = b.dim(transposeB ? -2 : -1);
    checkArgument(
        k == b.dim(transposeB ? -1 : -2),
        "inner extents of %s%s and %s%s differ",
        a.shape(),
        transposeA ? "ᵀ" : "",
        b.shape(),
        transposeB ? "ᵀ" : "");
    checkArgument(
        bias == null || bias.size() == n,
        "a bias %s does not fit %s columns",
        bias == null ? null : bias.shape(),
        n);
    Shape out = append(batch(a, b), m, n);
    Residual.check(residual, out);
    int batch = out.size() / (m * n);
    boolean sharedA = a.shape().rank() == 2;
    boolean sharedB = b.shape().rank() == 2;
    MatmulSpec spec =
        sharedB && !transposeA
            ? new MatmulSpec(1, batch * m, n, k, false, transposeB, false, false, 1f)
            : new MatmulSpec(batch, m, n, k, transposeA, transposeB, sharedA, sharedB, 1f);
    Tensor product = Tensor.empty(a.backend(), out);
    Storage shift = bias == null ? null : bias.storage();
    if (residual == null) {
      a.backend().matmul(spec, a.storage(), b.storage(), shift, product.storage());
    } else {
      a.backend()
          .matmulAdd(spec, a.storage(), b.storage(), shift, residual.storage(), product.storage());
    }
    Op op = new Matmul(a, b, transposeA, transposeB);
    List<Tensor> inputs = Residual.inputs(a, b, bias, residual);
    return b.isTracked()
        ? Autograd.record(product, op, inputs, a, b)
        : Autograd.record(product, op, inputs, b);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    Tensor gradA = null;
    Tensor gradB = null;
    if (needs(0)) {
      gradA = transposeA ? of(b, gradOut, transposeB, true) : of(gradOut, b, false, !transposeB);
    }
    if (needs(1)) {
      boolean flat = b.shape().rank() == 2 && !transposeA;
      Tensor left = flat ? a.reshape(-1, a.dim(-1)) : a;
      Tensor right = flat ? gradOut.reshape(-1, gradOut.dim(-1)) : gradOut;
      gradB = transposeB ? of(right, left, true, transposeA) : of(left, right, !transposeA, false);
    }
    return new Tensor[] {gradA, gradB, gradOut, gradOut};
  }

  private static Shape batch(Tensor a, Tensor b) {
    Shape batchA = lead(a);
    Shape batchB = lead(b);
    checkArgument(
        batchA.rank() == 0 || batchB.rank() == 0 || batchA.equals(batchB),
        "the batches of %s and %s differ",
        a.shape(),
        b.shape());
    return batchA.rank() == 0 ? batchB : batchA;
  }

  private static Shape lead(Tensor x) {
    int[] dims = x.shape().toArray();
    return Shape.of(Arrays.copyOf(dims, dims.length - 2));
  }

  private static Shape append(Shape lead, int m, int n) {
    int[] dims = Arrays.copyOf(lead.toArray(), lead.rank() + 2);
    dims[lead.rank()] = m;
    dims[lead.rank() + 1] = n;
    return Shape.of(dims);
  }
}
