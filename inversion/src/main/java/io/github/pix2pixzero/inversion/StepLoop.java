package io.github.pix2pixzero.inversion;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/**
 * A run of steps from timestep to timestep, each in a scope of its own: what a step makes on the
 * way ends with it, and where it leads to lives in the caller's scope.
 *
 * @param <T> where the run stands: a latent, or several
 */
public final class StepLoop<T> {
  private final int[] timesteps;
  private final Function<T, List<Tensor>> made;
  private final StepListener<T> listener;

  /** One step. */
  @FunctionalInterface
  public interface Step<T> {
    /**
     * @param number of the step, from 0
     * @param timestep at which it starts
     * @param current where the run stands
     * @return where the step leads to
     */
    T take(int number, int timestep, T current);
  }

  /**
   * @param timesteps in the order in which they are gone through
   * @param made the tensors of a {@code T} that the steps make
   */
  public StepLoop(int[] timesteps, Function<T, List<Tensor>> made, StepListener<T> listener) {
    this.timesteps = timesteps.clone();
    this.made = made;
    this.listener = listener;
  }

  /** A run of one latent. */
  public static StepLoop<Tensor> ofLatent(int[] timesteps, StepListener<Tensor> listener) {
    return new StepLoop<>(timesteps, List::of, listener);
  }

  /**
   * Takes all steps. What a step has made ends once the next step is done.
   *
   * @param start left as it is
   * @return where the last step led to
   */
  public T run(T start, Step<T> step) {
    T current = start;
    listener.began(timesteps.length);
    for (int i = 0; i < timesteps.length; i++) {
      try (Scope scope = Scope.open()) {
        T next = take(step, i, current, scope);
        if (i > 0) {
          made.apply(current).forEach(Scope::release);
        }
        current = next;
        listener.stepped(i, timesteps.length, current);
      }
    }
    return current;
  }

  /**
   * Takes all steps and keeps where each led to.
   *
   * @return one more than there are steps, {@code start} first
   */
  public ImmutableList<T> collect(T start, Step<T> step) {
    ImmutableList.Builder<T> all = ImmutableList.<T>builder().add(start);
    T current = start;
    listener.began(timesteps.length);
    for (int i = 0; i < timesteps.length; i++) {
      try (Scope scope = Scope.open()) {
        current = take(step, i, current, scope);
        all.add(current);
        listener.stepped(i, timesteps.length, current);
      }
    }
    return all.build();
  }

  private T take(Step<T> step, int number, T current, Scope scope) {
    T next = step.take(number, timesteps[number], current);
    made.apply(next).forEach(scope::keep);
    return next;
  }
}
