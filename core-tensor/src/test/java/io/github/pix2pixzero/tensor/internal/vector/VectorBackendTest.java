package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.testing.KernelContract.arrays;
import static io.github.pix2pixzero.tensor.testing.KernelContract.fresh;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.testing.BackendContract;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The contract, and sizes at which this backend in particular changes its ways. */
class VectorBackendTest extends BackendContract {
  private static final double TOLERANCE = 1e-5;

  @Override
  public Backend backend(int threads) {
    return new VectorBackend(threads);
  }

  @Test
  void layerNormOfWholeVectors() {
    int rows = 200;
    int width = 320;
    float[] x = random(1, rows * width, -1, 3);
    check(
        "layer norm",
        TOLERANCE,
        (backend, in, out) -> {
          backend.layerNorm(rows, width, 1e-5f, in[0], in[1], in[2], out[0], out[1]);
          backend.layerNormBackward(rows, width, in[0], in[1], out[1], in[3], out[2], null, null);
        },
        arrays(x, random(2, width), random(3, width), random(4, rows * width)),
        arrays(fresh(rows * width), fresh(2 * rows), fresh(rows * width)));
  }

  @Test
  void weightGradientOverMorePixelsThanAreSummedAtATime() {
    Conv2dSpec spec = new Conv2dSpec(2, 33, 35, 20, 18, 3, 1, 1, 1, 1, 1);
    check(
        spec.toString(),
        TOLERANCE,
        (backend, in, out) -> backend.conv2dWeightGradient(spec, in[0], in[1], out[0]),
        arrays(random(1, spec.inPixels() * 20), random(2, spec.outPixels() * 18)),
        arrays(fresh(9 * 20 * 18)));
  }

  /** The memory of a new thread, which the scores are in, becomes larger in between. */
  @Test
  void whatWasComputedBeforeDoesNotMatter() {
    List<float[]> gradients =
        CompletableFuture.supplyAsync(
                () -> {
                  AttentionSpec spec = new AttentionSpec(1, 16, 1000, 13, 12, 0.3f, false);
                  float[] first = keyAndValueGradients(spec);
                  keyAndValueGradients(new AttentionSpec(1, 2, 250, 300, 12, 0.3f, false));
                  return List.of(first, keyAndValueGradients(spec));
                },
                task -> new Thread(task).start())
            .join();
    assertThat(gradients.get(1)).isEqualTo(gradients.get(0));
  }

  private static float[] keyAndValueGradients(AttentionSpec spec) {
    Backend backend = new VectorBackend(1);
    int queries = spec.queries() * spec.width();
    int keys = spec.keys() * spec.width();
    int scores = spec.heads() * spec.queries() * spec.keys();
    Storage q = upload(backend, random(1, queries));
    Storage k = upload(backend, random(2, keys));
    Storage probs = upload(backend, random(3, scores));
    Storage gradOut = upload(backend, random(4, queries));
    Storage gradProbs = backend.allocate(scores);
    Storage gradQ = backend.allocate(queries);
    Storage gradK = backend.allocate(keys);
    Storage gradV = backend.allocate(keys);
    backend.attentionApplyBackward(spec, probs, k, gradOut, gradProbs, gradV);
    backend.attentionProbsBackward(spec, q, k, probs, gradProbs, null, gradQ, gradK);
    float[] gradients = new float[2 * keys];
    backend.download(gradK, gradients, 0);
    backend.download(gradV, gradients, keys);
    return gradients;
  }

  private static Storage upload(Backend backend, float[] data) {
    Storage storage = backend.allocate(data.length);
    backend.upload(data, 0, storage);
    return storage;
  }

  @Test
  void exponentialAtItsEnds() {
    for (float x : new float[] {Float.NEGATIVE_INFINITY, -1e4f, -104, -90, -87.3f, 88.7f, 0}) {
      check(
          "exp(" + x + ")",
          1e-6,
          (backend, in, out) -> backend.unary(Unary.EXP, 1, in[0], out[0]),
          arrays(new float[] {x}),
          arrays(fresh(1)));
    }
  }
}
