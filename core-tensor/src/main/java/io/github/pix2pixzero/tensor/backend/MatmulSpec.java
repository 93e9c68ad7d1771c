package io.github.pix2pixzero.tensor.backend;

/**
 * {@code batch} products {@code out[m, n] = alpha · A[m, k] · B[k, n] (+ bias[n])}.
 *
 * @param transposeA A is stored as [k, m]
 * @param transposeB B is stored as [n, k]
 * @param sharedA every product reads the same A; otherwise there are {@code batch} of them
 * @param sharedB every product reads the same B
 */
public record MatmulSpec(
    int batch,
    int m,
    int n,
    int k,
    boolean transposeA,
    boolean transposeB,
    boolean sharedA,
    boolean sharedB,
    float alpha) {

  /** One product of two matrices stored as they are written. */
  public static MatmulSpec of(int m, int n, int k) {
    return new MatmulSpec(1, m, n, k, false, false, false, false, 1f);
  }
}
