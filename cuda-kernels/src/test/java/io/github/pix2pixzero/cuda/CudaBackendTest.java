package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.tensor.testing.KernelContract.arrays;
import static io.github.pix2pixzero.tensor.testing.KernelContract.fresh;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import org.junit.jupiter.api.Test;

/** The contract, and sizes at which this backend in particular changes its ways. */
class CudaBackendTest extends CudaContract {
  private static final double TOLERANCE = 1e-5;

  @Override
  public Backend backend(int threads) {
    return new CudaBackend(Precision.FLOAT32);
  }

  @Override
  float stored(float value) {
    return value;
  }

  @Test
  void longSumsAreSplitAmongBlocks() {
    MatmulSpec spec = new MatmulSpec(1, 7, 9, 3001, true, true, false, false, -0.3f);
    check(
        spec.toString(),
        TOLERANCE,
        (backend, in, out) -> backend.matmul(spec, in[0], in[1], in[2], out[0]),
        arrays(random(1, 7 * 3001), random(2, 9 * 3001), random(3, 9)),
        arrays(fresh(63)));
  }

  @Test
  void weightGradientOverManyPixels() {
    Conv2dSpec spec = new Conv2dSpec(2, 33, 35, 3, 5, 3, 1, 1, 1, 1, 1);
    check(
        spec.toString(),
        TOLERANCE,
        (backend, in, out) -> backend.conv2dWeightGradient(spec, in[0], in[1], out[0]),
        arrays(random(1, spec.inPixels() * 3), random(2, spec.outPixels() * 5)),
        arrays(fresh(9 * 3 * 5)));
  }

  /** The head dimension of Stable Diffusion's autoencoder is shared out among blocks. */
  @Test
  void attentionOfWideHeads() {
    AttentionSpec spec = new AttentionSpec(1, 1, 70, 66, 512, 0.044f, false);
    float[] q = random(1, 70 * 512);
    float[] k = random(2, 66 * 512);
    float[] v = random(3, 66 * 512);
    check(
        spec.toString(),
        5 * TOLERANCE,
        (backend, in, out) -> {
          backend.attention(spec, in[0], in[1], in[2], out[0], out[1]);
          backend.attentionBackward(
              spec, in[0], in[1], in[2], out[0], out[1], in[3], out[2], out[3], out[4]);
        },
        arrays(q, k, v, random(4, 70 * 512)),
        arrays(fresh(70 * 512), fresh(70), fresh(70 * 512), fresh(66 * 512), fresh(66 * 512)));
  }

  @Test
  void gatherOfMoreRowsThanALaunchTakes() {
    int[] rows = new int[1100];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i * 7 % 31;
    }
    check(
        "gather",
        0,
        (backend, in, out) -> backend.gather(rows, 3, in[0], out[0]),
        arrays(random(1, 31 * 3)),
        arrays(fresh(rows.length * 3)));
  }
}
