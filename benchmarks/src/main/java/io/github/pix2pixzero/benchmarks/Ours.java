package io.github.pix2pixzero.benchmarks;

import com.google.common.primitives.Floats;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.util.Arrays;
import java.util.function.Supplier;

/** A computation on our tensors, whose memory is recycled from call to call. */
public record Ours(Supplier<Tensor[]> computation) implements Contender {

  static Ours of(Supplier<Tensor> computation) {
    return new Ours(() -> new Tensor[] {computation.get()});
  }

  /** Standard normal numbers, the same for the same seed. */
  static Tensor normal(Backend backend, long seed, int... dims) {
    return Tensor.of(backend, Sizes.normal(Sizes.product(dims), seed), dims);
  }

  /** The same as a model's weight, which never changes. */
  static Tensor weight(Backend backend, long seed, int... dims) {
    Tensor weight = normal(backend, seed, dims);
    weight.storage().freeze();
    return weight;
  }

  @Override
  public Object run() {
    try (Scope scope = Scope.open()) {
      return computation.get();
    }
  }

  @Override
  public float[] result() {
    try (Scope scope = Scope.open()) {
      return Floats.concat(
          Arrays.stream(computation.get()).map(Tensor::toFloats).toArray(float[][]::new));
    }
  }
}
