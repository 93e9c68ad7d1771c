package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The penalties on gradients that a StyleGAN2 is trained with, of small networks made like its own,
 * and their gradients with respect to the weights, against PyTorch; see {@code torch-ops.py}.
 */
class GanPenaltiesTest {
  private static final double TOLERANCE = 1e-4;
  private static final float SLOPE = 0.2f;

  private static Map<String, Tensor> variables(Vectors vectors, String prefix, List<String> names) {
    Map<String, Tensor> variables = new HashMap<>();
    names.forEach(name -> variables.put(name, vectors.get(prefix + name).variable()));
    return variables;
  }

  private static void checkGradients(
      Vectors vectors, String prefix, Tensor penalty, Map<String, Tensor> w, List<String> names) {
    Tensors.assertClose(penalty, vectors.get(prefix + "penalty"), TOLERANCE);
    Tensor[] targets = names.stream().map(w::get).toArray(Tensor[]::new);
    Tensor[] gradients = Autograd.grad(penalty, targets);
    for (int i = 0; i < targets.length; i++) {
      Tensor expected = vectors.get(prefix + "grad." + names.get(i));
      try {
        Tensors.assertClose(gradients[i], expected, TOLERANCE);
      } catch (AssertionError e) {
        throw new AssertionError(names.get(i) + ": " + e.getMessage(), e);
      }
    }
  }

  /** R1 (Mescheder et al., 2018): the mean squared norm of the logits' gradient by the picture. */
  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void gradientPenaltyOfADiscriminator(Backend backend) {
    Vectors vectors = Vectors.load(backend, "torch-gan.safetensors");
    List<String> reached = List.of("conv0", "bias0", "conv1", "bias1", "conv2", "out");
    Map<String, Tensor> w = variables(vectors, "r1.", reached);
    w.put("bias2", vectors.get("r1.bias2"));
    Tensor picture = vectors.get("r1.picture").variable();
    Tensor logits = discriminator(picture, w);
    Tensor slope = Autograd.differentiableGrad(logits.sum(), picture)[0];
    Tensor penalty = slope.square().sum().mul(1f / picture.dim(0));
    checkGradients(vectors, "r1.", penalty, w, reached);
  }

  private static Tensor discriminator(Tensor picture, Map<String, Tensor> w) {
    Padding same = Padding.all(1);
    Tensor filter = FirResample.filter(picture.backend(), 1, 3, 3, 1);
    Tensor x = Conv2d.of(picture, w.get("conv0"), w.get("bias0"), 1, same).leakyRelu(SLOPE);
    x = FirConv2d.down(x, w.get("conv1"), w.get("bias1"), filter).leakyRelu(SLOPE);
    Tensor deviation = x.variance(0).add(1e-8f).sqrt().mean();
    x = Tensor.concat(3, x, deviation.expand(x.dim(0), x.dim(1), x.dim(2), 1));
    x = Conv2d.of(x, w.get("conv2"), w.get("bias2"), 1, same).leakyRelu(SLOPE);
    return x.reshape(x.dim(0), -1).matmul(w.get("out"));
  }

  /**
   * The path length penalty (Karras et al., 2020, equation 4): how far the norm of Jᵀ · noise, with
   * J the generator's Jacobian, is from a target.
   */
  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void pathLengthPenaltyOfAGenerator(Backend backend) {
    Vectors vectors = Vectors.load(backend, "torch-gan.safetensors");
    List<String> names =
        Arrays.asList(
            "constant", "style0", "conv0", "bias0", "style1", "conv1", "bias1", "style2", "colour");
    Map<String, Tensor> w = variables(vectors, "path.", names);
    Tensor latent = vectors.get("path.latent").variable();
    Tensor projected = generator(latent, w).mul(vectors.get("path.noise")).sum();
    Tensor slope = Autograd.differentiableGrad(projected, latent)[0];
    Tensor penalty = slope.square().sum(1).sqrt().add(-1.5f).square().mean();
    checkGradients(vectors, "path.", penalty, w, names);
  }

  private static Tensor generator(Tensor latent, Map<String, Tensor> w) {
    Tensor filter = FirResample.filter(latent.backend(), 1, 3, 3, 1);
    Tensor constant = w.get("constant");
    Tensor x = constant.expand(latent.dim(0), constant.dim(1), constant.dim(2), constant.dim(3));
    x = ModulatedConv2d.up(x, w.get("conv0"), style(latent, w.get("style0")), true, filter);
    x = x.add(w.get("bias0")).leakyRelu(SLOPE);
    x = ModulatedConv2d.of(x, w.get("conv1"), style(latent, w.get("style1")), true);
    x = x.add(w.get("bias1")).leakyRelu(SLOPE);
    return ModulatedConv2d.of(x, w.get("colour"), style(latent, w.get("style2")), false);
  }

  private static Tensor style(Tensor latent, Tensor weight) {
    return latent.matmul(weight).add(1f);
  }
}
