package io.github.pix2pixzero.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A part of a network that saves nothing for its backward pass but its inputs: it runs once without
 * being recorded, and again, recorded, when its gradient is asked for (Chen et al., "Training Deep
 * Nets with Sublinear Memory Cost", 2016). Costs one more forward pass of the block and saves the
 * memory of everything between its inputs and its output.
 *
 * <p>The block must do the same in both runs: random numbers are drawn outside and passed in, and
 * side effects happen twice. Variables that it reads without being passed them, as the weights of
 * its layers, are found in the first run and get their gradients too; an input that it does not use
 * gets a gradient of zeros. Constants that it reads must live until the backward pass.
 *
 * <p>Gradients are the same bits as without, but for the order in which the several gradients of a
 * tensor are added that is read more than once both inside of the block and outside. Blocks nest.
 * Second derivatives are supported: {@link Autograd#differentiableGrad} keeps the graph of the
 * second run, so they save memory only up to there.
 */
public final class Recompute extends Op {
  private final Function<Tensor[], Tensor> block;
  private final int passed;
  private final Shape shape;

  private Recompute(Function<Tensor[], Tensor> block, int passed, Shape shape) {
    this.block = block;
    this.passed = passed;
    this.shape = shape;
  }

  /** The block's result for one input; see {@link Recompute}. */
  public static Tensor of(UnaryOperator<Tensor> block, Tensor input) {
    return ofAll(inputs -> block.apply(inputs[0]), input);
  }

  /** The block's result for several inputs, which it receives in their order. */
  public static Tensor ofAll(Function<Tensor[], Tensor> block, Tensor... inputs) {
    if (!Autograd.isRecording()) {
      return block.apply(inputs.clone());
    }
    Tensor[] untracked = map(inputs, Tensor::detached);
    Set<Tensor> captured = new LinkedHashSet<>();
    Tensor result;
    try (Scope temporaries = Scope.local()) {
      result = Autograd.watching(captured, () -> block.apply(untracked.clone()));
      temporaries.keep(result);
    }
    if (result.isTracked()) {
      captured.add(result); // handed through as it is
    }
    List<Tensor> read = new ArrayList<>(Arrays.asList(inputs));
    read.addAll(captured);
    return Autograd.record(
        result.view(result.shape()),
        new Recompute(block, inputs.length, result.shape()),
        read,
        read.toArray(Tensor[]::new));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    if (Autograd.isRecording()) {
      return rerun(gradOut, Alias::of);
    }
    try (Scope graph = Scope.open()) {
      Tensor[] gradients = rerun(gradOut, Tensor::variable);
      for (Tensor gradient : gradients) {
        if (gradient != null) {
          graph.keep(gradient);
        }
      }
      return gradients;
    }
  }

  /** Runs the block on {@code start} of each tracked input and differentiates it. */
  private Tensor[] rerun(Tensor gradOut, UnaryOperator<Tensor> start) {
    Tensor[] starts = inputs.clone();
    for (int i = 0; i < passed; i++) {
      starts[i] = inputs[i].isTracked() ? start.apply(inputs[i]) : inputs[i];
    }
    Tensor result = Autograd.recording(() -> block.apply(Arrays.copyOf(starts, passed)));
    checkArgument(
        result.shape().equals(shape),
        "a recomputed block made %s at first and %s when run again",
        shape,
        result.shape());
    List<Tensor> targets = new ArrayList<>();
    for (int i = 0; i < starts.length; i++) {
      if (needs(i)) {
        targets.add(starts[i]);
      }
    }
    Tensor[] found = Autograd.pullBack(result, gradOut, targets.toArray(Tensor[]::new));
    Tensor[] gradients = new Tensor[starts.length];
    int next = 0;
    for (int i = 0; i < starts.length; i++) {
      if (needs(i)) {
        Tensor gradient = found[next++];
        gradients[i] =
            gradient != null ? gradient : Tensor.full(starts[i].backend(), starts[i].shape(), 0f);
      }
    }
    return gradients;
  }

  private static Tensor[] map(Tensor[] tensors, UnaryOperator<Tensor> function) {
    return Arrays.stream(tensors).map(function).toArray(Tensor[]::new);
  }

  /** The identity, under which the same tensor passed twice is two inputs. */
  private static final class Alias extends Op {
    static Tensor of(Tensor x) {
      return Autograd.record(x.view(x.shape()), new Alias(), List.of(x));
    }

    @Override
    protected Tensor[] backward(Tensor gradOut) {
      return new Tensor[] {gradOut};
    }
  }
}
