package io.github.pix2pixzero.tensor.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.internal.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Broadcasting as NumPy defines it, for random pairs of shapes that broadcast. */
class BroadcastingTest {
  private final PlainBackend backend = new PlainBackend(1);

  /** Two shapes cut out of one: each drops leading axes and replaces some extents by 1. */
  record Pair(Shape a, Shape b) {}

  static Stream<Pair> pairs() {
    var random = new SplittableRandom(1);
    return Stream.generate(
            () -> {
              int[] whole = random.ints(random.nextInt(5), 1, 6).toArray();
              return new Pair(part(whole, random), part(whole, random));
            })
        .limit(300);
  }

  private static Shape part(int[] whole, SplittableRandom random) {
    int[] cut = Arrays.copyOfRange(whole, random.nextInt(whole.length + 1), whole.length);
    for (int i = 0; i < cut.length; i++) {
      cut[i] = random.nextBoolean() ? 1 : cut[i];
    }
    return Shape.of(cut);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void elementsMeetTheirCounterparts(Pair pair) {
    float[] a = Tensors.random(1, pair.a().size(), 0.5, 2);
    float[] b = Tensors.random(2, pair.b().size(), 0.5, 2);
    assertMeets(pair, a, b, Tensor::add, (x, y) -> x + y);
    assertMeets(pair, a, b, Tensor::sub, (x, y) -> x - y);
    assertMeets(pair, a, b, Tensor::mul, (x, y) -> x * y);
    assertMeets(pair, a, b, Tensor::div, (x, y) -> x / y);
  }

  private void assertMeets(
      Pair pair, float[] a, float[] b, BinaryOperator<Tensor> op, BinaryOperator<Float> f) {
    Tensor out =
        op.apply(
            Tensor.of(backend, a, pair.a().toArray()), Tensor.of(backend, b, pair.b().toArray()));
    Shape shape = out.shape();
    float[] values = out.toFloats();
    for (int i = 0; i < values.length; i++) {
      int[] index = index(shape, i);
      assertThat(values[i]).isEqualTo(f.apply(a[at(pair.a(), index)], b[at(pair.b(), index)]));
    }
  }

  /** Each element of an operand has as gradient the number of times it was used. */
  @ParameterizedTest
  @MethodSource("pairs")
  void gradientsAreSummedBack(Pair pair) {
    Tensor a = Tensor.full(backend, pair.a(), 1f).variable();
    Tensor b = Tensor.full(backend, pair.b(), 1f).variable();
    Tensor out = a.add(b);
    Tensor[] gradients = Autograd.grad(out.sum(), a, b);
    assertThat(gradients[0].shape()).isEqualTo(pair.a());
    assertThat(gradients[1].shape()).isEqualTo(pair.b());
    assertThat(gradients[0].toFloats()).containsOnly((float) out.size() / a.size());
    assertThat(gradients[1].toFloats()).containsOnly((float) out.size() / b.size());
  }

  private static int[] index(Shape shape, int element) {
    int[] index = new int[shape.rank()];
    for (int axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = element % shape.dim(axis);
      element /= shape.dim(axis);
    }
    return index;
  }

  /** Where an element of the result finds its operand of a smaller shape. */
  private static int at(Shape shape, int[] index) {
    int at = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      int i = index[index.length - shape.rank() + axis];
      at = at * shape.dim(axis) + (shape.dim(axis) == 1 ? 0 : i);
    }
    return at;
  }
}
