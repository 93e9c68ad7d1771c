package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.util.Arrays;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Results and gradients against what PyTorch computed; see {@code torch-ops.py}. */
class TorchOpsTest {
  private static final double TOLERANCE = 1e-5;

  /** One case of the file: its inputs in the order given, its result and its gradients. */
  private static void check(
      Vectors vectors, String name, Function<Tensor[], Tensor> op, String... inputs) {
    Tensor[] in = new Tensor[inputs.length];
    Arrays.setAll(in, i -> vectors.get(name + "." + inputs[i]).variable());
    Tensor out = op.apply(in);
    Tensors.assertClose(out, vectors.get(name + ".out"), TOLERANCE);
    Tensor loss = vectors.has(name + ".weights") ? out.mul(vectors.get(name + ".weights")) : out;
    Tensor[] gradients = Autograd.grad(loss.sum(), in);
    for (int i = 0; i < in.length; i++) {
      Tensors.assertClose(gradients[i], vectors.get(name + ".grad." + inputs[i]), TOLERANCE);
    }
  }

  private static Vectors vectors(Backend backend) {
    return Vectors.load(backend, "torch-ops.safetensors");
  }

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void resampling(Backend backend) {
    Vectors vectors = vectors(backend);
    Tensor filter = FirResample.filter(backend, 1, 3, 3, 1);
    Tensors.assertClose(filter, vectors.get("filter"), 1e-7);
    Padding uneven = new Padding(3, -1, -2, 2);
    check(vectors, "upfirdn", x -> Upfirdn.of(x[0], vectors.get("odd"), 3, 2, uneven, true), "x");
    check(vectors, "upsample", x -> FirResample.up(x[0], filter, 2), "x");
    check(vectors, "downsample", x -> FirResample.down(x[0], filter, 2), "x");
    check(vectors, "average", x -> AvgPool2d.of(x[0], 3, 2, 1), "x");
    check(vectors, "reflect", x -> ReflectPad.of(ReflectPad.of(x[0], 1, 1, 2), 2, 2, 1), "x");
    for (boolean corners : new boolean[] {false, true}) {
      String name = "bilinear." + corners;
      check(vectors, name + ".5x7", x -> BilinearResize.of(x[0], 5, 7, corners), "x");
      check(vectors, name + ".2x3", x -> BilinearResize.of(x[0], 2, 3, corners), "x");
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void convolutions(Backend backend) {
    Vectors vectors = vectors(backend);
    check(
        vectors,
        "conv",
        in -> Conv2d.of(in[0], in[1], null, 2, new Padding(2, 0, 1, 1)),
        "x",
        "weight");
    check(
        vectors,
        "transposed",
        in -> ConvTranspose2d.of(in[0], in[1], in[2], 2, Padding.all(1), 1),
        "x",
        "weight",
        "bias");
  }

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void modulatedConvolutions(Backend backend) {
    Vectors vectors = vectors(backend);
    Tensor filter = vectors.get("filter");
    String[] inputs = {"x", "weight", "styles"};
    check(vectors, "modulated3", in -> ModulatedConv2d.of(in[0], in[1], in[2], true), inputs);
    check(vectors, "modulated1", in -> ModulatedConv2d.of(in[0], in[1], in[2], true), inputs);
    check(vectors, "modulated.plain", in -> ModulatedConv2d.of(in[0], in[1], in[2], false), inputs);
    check(
        vectors,
        "modulated.up",
        in -> ModulatedConv2d.up(in[0], in[1], in[2], true, filter),
        inputs);
    check(
        vectors,
        "modulated.down",
        in -> ModulatedConv2d.down(in[0], in[1], in[2], true, filter),
        inputs);
  }

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void lossesAndExtrema(Backend backend) {
    Vectors vectors = vectors(backend);
    int[] labels = {4, CrossEntropy.IGNORED, 0, 2};
    check(vectors, "entropy.0.0", x -> CrossEntropy.of(x[0], labels), "logits");
    check(
        vectors,
        "entropy.0.1",
        x -> CrossEntropy.of(x[0], labels, CrossEntropy.IGNORED, 0.1f),
        "logits");
    check(vectors, "amax", x -> x[0].max(1), "x");
    check(vectors, "larger", in -> in[0].maximum(in[1]), "a", "b");
    check(vectors, "clamp", x -> x[0].clamp(-0.5f, 1f), "x");
  }
}
