package io.github.pix2pixzero.benchmarks.libtorch;

import com.google.common.primitives.Floats;
import io.github.pix2pixzero.benchmarks.Contender;
import io.github.pix2pixzero.benchmarks.Sizes;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A computation on libtorch's tensors.
 *
 * @param toOurs takes a result to our layout
 */
record Torch(Supplier<Tensor[]> computation, Function<Tensor, Tensor> toOurs) implements Contender {

  /** A computation whose result has our layout. */
  static Torch of(Supplier<Tensor> computation) {
    return new Torch(() -> new Tensor[] {computation.get()}, Function.identity());
  }

  /** The gradient of {@code output} with respect to {@code input}, without the forward pass. */
  static Tensor gradient(Tensor output, Tensor input, Tensor gradOut) {
    return torch
        .grad(
            new TensorVector(output),
            new TensorVector(input),
            new TensorVector(gradOut),
            new BoolOptional(true),
            false,
            false)
        .get(0);
  }

  /** The numbers that our tensors have for this seed. */
  static Tensor normal(long seed, int... dims) {
    return tensor(
        Sizes.normal(Sizes.product(dims), seed), Arrays.stream(dims).asLongStream().toArray());
  }

  /** A tensor with a copy of {@code data}. */
  static Tensor tensor(float[] data, long... shape) {
    return Tensor.create(data, shape);
  }

  @Override
  public Object run() {
    try (PointerScope scope = new PointerScope()) {
      return computation.get();
    }
  }

  @Override
  public float[] result() {
    try (PointerScope scope = new PointerScope()) {
      return Floats.concat(
          Arrays.stream(computation.get())
              .map(tensor -> toFloats(toOurs.apply(tensor.detach())))
              .toArray(float[][]::new));
    }
  }

  private static float[] toFloats(Tensor tensor) {
    float[] data = new float[Math.toIntExact(tensor.numel())];
    try (Tensor contiguous = tensor.contiguous()) {
      contiguous.data_ptr_float().get(data);
    }
    return data;
  }
}
