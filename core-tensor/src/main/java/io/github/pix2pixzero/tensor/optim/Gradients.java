package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.Arrays;

/** Keeps gradients in bounds between their computation and an optimiser's step. */
public final class Gradients {
  private Gradients() {}

  /**
   * The Euclidean norm of all gradients taken together. Waits for the backend.
   *
   * @return not finite if a gradient is not
   */
  public static double norm(Tensor... gradients) {
    double squares = 0;
    for (Tensor gradient : gradients) {
      try (Scope temporaries = Scope.local()) {
        squares += Autograd.withoutRecording(() -> gradient.square().sum()).item();
      }
    }
    return Math.sqrt(squares);
  }

  /**
   * Scales all gradients by the same factor so that their {@link #norm} is at most {@code max}
   * (Pascanu et al., 2013). Agrees with {@code torch.nn.utils.clip_grad_norm_}, which divides by
   * the norm plus 1e-6.
   *
   * @return new tensors, or the same if none need be scaled
   * @throws ArithmeticException if the norm is not finite, of which no scaling makes a direction
   */
  public static Tensor[] clipByNorm(double max, Tensor... gradients) {
    checkArgument(max > 0, "the largest norm is above 0, got %s", max);
    double norm = norm(gradients);
    if (!Double.isFinite(norm)) {
      throw new ArithmeticException("the norm of the gradients is " + norm);
    }
    double factor = max / (norm + 1e-6);
    if (factor >= 1) {
      return gradients.clone();
    }
    return Autograd.withoutRecording(
        () ->
            Arrays.stream(gradients)
                .map(gradient -> gradient.mul((float) factor))
                .toArray(Tensor[]::new));
  }

  /**
   * Limits every element of every gradient to [-{@code max}, {@code max}]. Agrees with {@code
   * torch.nn.utils.clip_grad_value_}.
   *
   * @return new tensors
   */
  public static Tensor[] clipByValue(double max, Tensor... gradients) {
    checkArgument(max > 0, "the largest value is above 0, got %s", max);
    Tensor[] clipped = new Tensor[gradients.length];
    for (int i = 0; i < clipped.length; i++) {
      Tensor gradient = gradients[i];
      clipped[i] = Tensor.empty(gradient.backend(), gradient.shape());
      gradient
          .backend()
          .clamp(
              gradient.size(), (float) -max, (float) max, gradient.storage(), clipped[i].storage());
    }
    return clipped;
  }
}
