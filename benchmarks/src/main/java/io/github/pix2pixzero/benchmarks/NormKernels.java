package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.benchmarks.libtorch.TorchNorm;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.GroupNormSpec;
import io.github.pix2pixzero.tensor.ops.Geglu;
import io.github.pix2pixzero.tensor.ops.GroupNorm;
import io.github.pix2pixzero.tensor.ops.LayerNorm;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * What stands between the matrix products of Stable Diffusion at 512 × 512, and the gradients of it
 * that an edit needs: those with respect to the input. They are computed without the forward pass.
 */
final class NormKernels {
  private static final double REACH = 1.0;
  private static final int GROUPS = 32;
  private static final float EPSILON = 1e-5f;

  private NormKernels() {}

  static Stream<Kernel> all() {
    return Stream.of(
        row(
            "group norm + SiLU 320@64 forward",
            backend -> groupNorm(backend, 64, 320),
            threads -> TorchNorm.groupNorm(64, 320, GROUPS, EPSILON, false, threads)),
        row(
            "group norm + SiLU 320@64 backward",
            backend -> groupNormBackward(backend, 64, 320),
            threads -> TorchNorm.groupNorm(64, 320, GROUPS, EPSILON, true, threads)),
        row(
            "group norm + SiLU 1280@16 forward",
            backend -> groupNorm(backend, 16, 1280),
            threads -> TorchNorm.groupNorm(16, 1280, GROUPS, EPSILON, false, threads)),
        row(
            "layer norm 4096x320 forward",
            backend -> layerNorm(backend, 4096, 320),
            threads -> TorchNorm.layerNorm(4096, 320, EPSILON, false, threads)),
        row(
            "layer norm 4096x320 backward",
            backend -> layerNormBackward(backend, 4096, 320),
            threads -> TorchNorm.layerNorm(4096, 320, EPSILON, true, threads)),
        row(
            "GEGLU 4096x1280 forward",
            backend -> geglu(backend, 4096, 1280),
            threads -> TorchNorm.geglu(4096, 1280, false, threads)),
        row(
            "GEGLU 4096x1280 backward",
            backend -> gegluBackward(backend, 4096, 1280),
            threads -> TorchNorm.geglu(4096, 1280, true, threads)),
        row(
            "softmax 32768x77 forward",
            backend -> softmax(backend, 32768, 77),
            threads -> TorchNorm.softmax(32768, 77, false, threads)),
        row(
            "softmax 32768x77 backward",
            backend -> softmaxBackward(backend, 32768, 77),
            threads -> TorchNorm.softmax(32768, 77, true, threads)),
        row(
            "softmax 8192x1024 forward",
            backend -> softmax(backend, 8192, 1024),
            threads -> TorchNorm.softmax(8192, 1024, false, threads)));
  }

  private static Kernel row(
      String name, Function<Backend, Contender> ours, IntFunction<Contender> libtorch) {
    return new Kernel(name, REACH, 0, ours, ImmutableMap.of("libtorch", libtorch));
  }

  private static Contender groupNorm(Backend backend, int size, int channels) {
    Tensor x = Ours.normal(backend, 1, 1, size, size, channels);
    Tensor gamma = Ours.weight(backend, 2, channels);
    Tensor beta = Ours.weight(backend, 3, channels);
    return Ours.of(() -> GroupNorm.of(x, gamma, beta, GROUPS, EPSILON, true));
  }

  private static Contender groupNormBackward(Backend backend, int size, int channels) {
    GroupNormSpec spec = new GroupNormSpec(1, size * size, channels, GROUPS, EPSILON, true);
    Tensor x = Ours.normal(backend, 1, 1, size, size, channels);
    Tensor gamma = Ours.weight(backend, 2, channels);
    Tensor beta = Ours.weight(backend, 3, channels);
    Tensor gradOut = Ours.normal(backend, 4, 1, size, size, channels);
    Tensor out = Tensor.empty(backend, x.shape());
    Tensor stats = Tensor.empty(backend, Shape.of(1, GROUPS, 2));
    backend.groupNorm(
        spec, x.storage(), gamma.storage(), beta.storage(), out.storage(), stats.storage());
    return Ours.of(
        () -> {
          Tensor gradX = Tensor.empty(backend, x.shape());
          backend.groupNormBackward(
              spec,
              x.storage(),
              gamma.storage(),
              beta.storage(),
              stats.storage(),
              gradOut.storage(),
              gradX.storage(),
              null,
              null);
          return gradX;
        });
  }

  private static Contender layerNorm(Backend backend, int rows, int width) {
    Tensor x = Ours.normal(backend, 1, rows, width);
    Tensor gamma = Ours.weight(backend, 2, width);
    Tensor beta = Ours.weight(backend, 3, width);
    return Ours.of(() -> LayerNorm.of(x, gamma, beta, EPSILON));
  }

  private static Contender layerNormBackward(Backend backend, int rows, int width) {
    Tensor x = Ours.normal(backend, 1, rows, width);
    Tensor gamma = Ours.weight(backend, 2, width);
    Tensor beta = Ours.weight(backend, 3, width);
    Tensor gradOut = Ours.normal(backend, 4, rows, width);
    Tensor out = Tensor.empty(backend, x.shape());
    Tensor stats = Tensor.zeros(backend, rows, 2);
    backend.layerNorm(
        rows,
        width,
        EPSILON,
        x.storage(),
        gamma.storage(),
        beta.storage(),
        out.storage(),
        stats.storage());
    return Ours.of(
        () -> {
          Tensor gradX = Tensor.empty(backend, x.shape());
          backend.layerNormBackward(
              rows,
              width,
              x.storage(),
              gamma.storage(),
              stats.storage(),
              gradOut.storage(),
              gradX.storage(),
              null,
              null);
          return gradX;
        });
  }

  private static Contender geglu(Backend backend, int rows, int width) {
    Tensor x = Ours.normal(backend, 1, rows, 2 * width);
    return Ours.of(() -> Geglu.of(x));
  }

  private static Contender gegluBackward(Backend backend, int rows, int width) {
    Tensor x = Ours.normal(backend, 1, rows, 2 * width);
    Tensor gradOut = Ours.normal(backend, 4, rows, width);
    return Ours.of(
        () -> {
          Tensor gradX = Tensor.empty(backend, x.shape());
          backend.gegluBackward(rows, width, x.storage(), gradOut.storage(), gradX.storage());
          return gradX;
        });
  }

  private static Contender softmax(Backend backend, int rows, int width) {
    Tensor x = Ours.normal(backend, 1, rows, width);
    return Ours.of(x::softmax);
  }

  private static Contender softmaxBackward(Backend backend, int rows, int width) {
    Tensor y = Ours.normal(backend, 1, rows, width).softmax();
    Tensor gradOut = Ours.normal(backend, 4, rows, width);
    return Ours.of(
        () -> {
          Tensor gradX = Tensor.empty(backend, y.shape());
          backend.softmaxBackward(rows, width, y.storage(), gradOut.storage(), gradX.storage());
          return gradX;
        });
  }
}
