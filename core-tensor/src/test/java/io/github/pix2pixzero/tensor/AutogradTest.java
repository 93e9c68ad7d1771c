package io.github.pix2pixzero.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.internal.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.testing.GradientCheck;
import io.github.pix2pixzero.tensor.testing.OracleBackend;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class AutogradTest {
  private final Backend backend = new PlainBackend(1);

  /** The identity, which counts how often its backward pass runs and may refuse to. */
  private static final class Probe extends Op {
    private final boolean differentiable;
    private int visits;

    private Probe(boolean differentiable) {
      this.differentiable = differentiable;
    }

    Tensor apply(Tensor x) {
      return Autograd.record(x.view(x.shape()), this, List.of(x));
    }

    @Override
    protected Tensor[] backward(Tensor gradOut) {
      visits++;
      return new Tensor[] {differentiable ? gradOut : null};
    }
  }

  private Tensor vector(float... values) {
    return Tensor.of(backend, values, values.length);
  }

  @Test
  void onlyOperationsBetweenLossAndTargetsAreVisited() {
    Tensor x = vector(1, 2).variable();
    Tensor weight = vector(3, 4).variable();
    Probe onTheWay = new Probe(true);
    Probe toOtherVariable = new Probe(false);
    Probe beforeTarget = new Probe(false);
    Probe besideLoss = new Probe(false);
    Tensor target = beforeTarget.apply(x);
    Tensor product = onTheWay.apply(target).mul(toOtherVariable.apply(weight));
    besideLoss.apply(product);
    Tensor[] gradients = Autograd.grad(product.sum(), target);
    assertThat(gradients[0].toFloats()).containsExactly(3, 4);
    assertThat(onTheWay.visits).isEqualTo(1);
    assertThat(toOtherVariable.visits).isZero();
    assertThat(beforeTarget.visits).isZero();
    assertThat(besideLoss.visits).isZero();
  }

  @Test
  void aSharedOperationRunsBackwardOnceAfterAllItsUses() {
    Tensor x = vector(2, 3).variable();
    Probe shared = new Probe(true);
    Tensor y = shared.apply(x);
    Tensor loss = y.mul(y).add(y.mul(5f)).add(x).sum();
    assertThat(Autograd.grad(loss, x)[0].toFloats()).containsExactly(2 * 2 + 6, 2 * 3 + 6);
    assertThat(shared.visits).isEqualTo(1);
  }

  @Test
  void aTargetMayBeAnIntermediateResultOrTheLoss() {
    Tensor x = vector(2, 3).variable();
    Tensor y = x.square();
    Tensor loss = y.square().sum();
    Tensor[] gradients = Autograd.grad(loss, y, x, loss);
    assertThat(gradients[0].toFloats()).containsExactly(8, 18);
    assertThat(gradients[1].toFloats()).containsExactly(32, 108);
    assertThat(gradients[2].item()).isEqualTo(1);
  }

  @Test
  void aMissingBackwardThrows() {
    Tensor x = vector(1, 2).variable();
    Tensor loss = new Probe(false).apply(x).sum();
    assertThatThrownBy(() -> Autograd.grad(loss, x))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("Probe has no gradient with respect to input 0");
  }

  @Test
  void aLossThatIsNoScalarOrDoesNotDependIsRefused() {
    Tensor x = vector(1, 2).variable();
    Tensor y = vector(1, 2, 3).variable();
    assertThatThrownBy(() -> Autograd.grad(x.square(), x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[2]");
    assertThatThrownBy(() -> Autograd.grad(x.sum(), x, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not depend on target 1 ([3])");
    assertThatThrownBy(() -> Autograd.grad(x.detached().sum(), x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("target 0");
  }

  @Test
  void nothingIsRecordedWithoutAVariableOrOnRequest() {
    Tensor x = vector(1, 2).variable();
    assertThat(vector(1, 2).square().isTracked()).isFalse();
    assertThat(x.square().isTracked()).isTrue();
    assertThat(x.square().detached().isTracked()).isFalse();
    assertThat(Autograd.<Tensor>withoutRecording(x::square).isTracked()).isFalse();
    assertThat(Autograd.isRecording(List.of(vector(1), x))).isTrue();
    assertThat(Autograd.grad(x.square().sum(), x)[0].isTracked()).isFalse();
  }

  @Test
  void recordingResumesAfterAFailure() {
    Tensor x = vector(1, 2).variable();
    assertThatThrownBy(
            () ->
                Autograd.withoutRecording(
                    () -> {
                      throw new IllegalStateException("on purpose");
                    }))
        .hasMessage("on purpose");
    assertThat(x.square().isTracked()).isTrue();
  }

  @Test
  void aGraphSurvivesBeingDifferentiatedTwice() {
    Tensor x = vector(1, 2).variable();
    Tensor loss = x.square().mul(x).sum();
    float[] first = Autograd.grad(loss, x)[0].toFloats();
    assertThat(first).containsExactly(3, 12);
    assertThat(Autograd.grad(loss, x)[0].toFloats()).isEqualTo(first);
  }

  // ------------------------------------------------------------------ second derivatives

  /** Checks the second derivative of a scalar function against differences of the first. */
  private static void checkSecond(UnaryOperator<Tensor> scalar, int... dims) {
    OracleBackend oracle = new OracleBackend();
    Tensor x = Tensor.of(oracle, Tensors.random(1, Shape.of(dims).size(), 0.5, 1.5), dims);
    GradientCheck.check(in -> Autograd.differentiableGrad(scalar.apply(in[0]), in[0])[0], x);
  }

  @Test
  void secondDerivativesOfArithmetic() {
    checkSecond(x -> x.mul(x).mul(x).sum(), 5);
    checkSecond(x -> x.div(x.mul(x).add(1f)).sum(), 5);
    checkSecond(x -> x.mul(x).sub(x.mul(3f)).mul(x).mean(), 2, 3);
    checkSecond(x -> x.mul(x.sum(0)).mul(x).sum(), 3, 2);
  }

  @Test
  void secondDerivativesOfMatrixProducts() {
    checkSecond(
        x -> {
          Tensor y = x.matmul(x.permute(1, 0));
          return y.mul(y).sum();
        },
        3,
        2);
  }

  @Test
  void secondDerivativesThroughMovement() {
    checkSecond(
        x -> {
          Tensor y = Tensor.concat(0, x.slice(0, 1, 3), x.reshape(2, 3).permute(1, 0));
          return y.mul(y).mul(y.expand(5, 2)).sum();
        },
        3,
        2);
  }

  @Test
  void theGradientOfAGradientMayMixVariables() {
    Tensor x = vector(2, 3).variable();
    Tensor y = vector(5, 7).variable();
    Tensor gradX = Autograd.differentiableGrad(x.mul(x).mul(y).sum(), x)[0];
    assertThat(gradX.toFloats()).containsExactly(20, 42);
    assertThat(Autograd.grad(gradX.sum(), y)[0].toFloats()).containsExactly(4, 6);
  }

  @Test
  void aMissingSecondDerivativeThrows() {
    Tensor x = vector(1, 2).variable();
    Tensor gradient = Autograd.differentiableGrad(new Probe(true).apply(x).mul(x).sum(), x)[0];
    Tensor loss = new Probe(false).apply(gradient).sum();
    assertThatThrownBy(() -> Autograd.grad(loss, x))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("Probe has no gradient");
  }

  /** 0 almost everywhere, so it is no path in the graph. */
  @Test
  void aSecondDerivativeThatIsZeroIsNoPath() {
    Tensor x = vector(1, -2).variable();
    Tensor gradient = Autograd.differentiableGrad(x.leakyRelu(0.2f).sum(), x)[0];
    assertThat(gradient.isTracked()).isFalse();
  }

  @Test
  void zerosStandForTargetsThatAreNotReached() {
    Tensor reached = Tensor.of(backend, new float[] {2, 3}, 2).variable();
    Tensor other = Tensor.of(backend, new float[] {1, 1, 1}, 3).variable();
    Tensor[] gradients = Autograd.gradOrZeros(reached.square().sum(), other, reached);
    assertThat(gradients[0].toFloats()).containsExactly(0, 0, 0);
    assertThat(gradients[1].toFloats()).containsExactly(4, 6);
    assertThat(Autograd.gradOrZeros(Tensor.zeros(backend, 1), other)[0].toFloats())
        .containsExactly(0, 0, 0);
  }
}
