package io.github.pix2pixzero.tensor;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Reverse-mode differentiation over the operations recorded since {@link Tensor#variable()}.
 *
 * <p>Only operations between the loss and the targets are visited, so weights that are no targets
 * cost nothing. Gradients are accumulated and un-broadcast here and nowhere else.
 */
public final class Autograd {
  private static final Mode RECORDING = new Mode(true, null);
  private static final Mode PAUSED = new Mode(false, null);
  private static final ThreadLocal<Mode> MODE = ThreadLocal.withInitial(() -> RECORDING);

  /** What happens to operations; {@code met}, if any, collects the tracked tensors they read. */
  private record Mode(boolean records, Set<Tensor> met) {}

  private Autograd() {}

  /**
   * Connects an operation's result to its inputs, if any of them leads to a variable. To be called
   * by operations.
   *
   * @param saved tensors the backward pass will read
   * @return {@code output}
   */
  public static Tensor record(Tensor output, Op op, List<Tensor> inputs, Tensor... saved) {
    if (!isRecording(inputs)) {
      return output;
    }
    op.record(inputs);
    output.origin = op;
    op.save(saved);
    for (Tensor tensor : saved) {
      Scope.holdForGraph(tensor.storage());
    }
    return output;
  }

  /** Whether an operation on these inputs would be recorded. */
  public static boolean isRecording(List<Tensor> inputs) {
    Mode mode = MODE.get();
    if (mode.met() != null) {
      inputs.stream().filter(Tensor::isTracked).forEach(mode.met()::add);
    }
    return mode.records() && inputs.stream().anyMatch(Tensor::isTracked);
  }

  /** Whether operations on tracked tensors are recorded at all. */
  static boolean isRecording() {
    return MODE.get().records();
  }

  /** Runs something whose operations are not recorded. */
  public static <T> T withoutRecording(Supplier<T> body) {
    return in(PAUSED, body);
  }

  /** Runs something whose operations are recorded even within {@link #withoutRecording}. */
  static <T> T recording(Supplier<T> body) {
    return in(RECORDING, body);
  }

  /**
   * Runs something without recording, and collects the tracked tensors its operations read, in the
   * order in which they were met.
   */
  static <T> T watching(Set<Tensor> met, Supplier<T> body) {
    return in(new Mode(false, met), body);
  }

  private static <T> T in(Mode mode, Supplier<T> body) {
    Mode before = MODE.get();
    MODE.set(mode);
    try {
      return body.get();
    } finally {
      MODE.set(before);
    }
  }

  /**
   * The gradients of a scalar with respect to each target. The gradients are not themselves
   * differentiable.
   *
   * @throws IllegalArgumentException if the loss has more than one element or does not depend on a
   *     target
   * @throws UnsupportedOperationException if an operation on the way has no backward pass
   */
  public static Tensor[] grad(Tensor loss, Tensor... targets) {
    return withoutRecording(() -> differentiableGrad(loss, targets));
  }

  /**
   * Like {@link #grad}, but zeros for targets the loss does not depend on, as a penalty on
   * gradients does not on the biases in front of a leaky ReLU.
   */
  public static Tensor[] gradOrZeros(Tensor loss, Tensor... targets) {
    return withoutRecording(
        () -> {
          Tensor[] gradients = gradients(loss, targets);
          for (int i = 0; i < targets.length; i++) {
            if (gradients[i] == null) {
              gradients[i] = Tensor.full(targets[i].backend(), targets[i].shape(), 0f);
            }
          }
          return gradients;
        });
  }

  /**
   * Like {@link #grad}, but the gradients are recorded in turn, for second derivatives.
   *
   * <p>Backward passes are then made of operations instead of fused kernels. Where the second
   * derivative is 0 almost everywhere, as that of a leaky ReLU, it is no path in the graph.
   *
   * @throws UnsupportedOperationException if an operation on the way has no backward pass
   */
  public static Tensor[] differentiableGrad(Tensor loss, Tensor... targets) {
    Tensor[] gradients = gradients(loss, targets);
    for (int i = 0; i < targets.length; i++) {
      checkArgument(
          gradients[i] != null,
          "the loss does not depend on target %s (%s)",
          i,
          targets[i].shape());
    }
    return gradients;
  }

  /** The targets' gradients; null where the loss does not depend on one. */
  private static Tensor[] gradients(Tensor loss, Tensor[] targets) {
    checkArgument(
        loss.shape().size() == 1, "the loss must have one element, it has shape %s", loss.shape());
    Tensor one = Tensor.full(loss.backend(), loss.shape(), 1f);
    return backward(loss, one, targets, false);
  }

  /**
   * Takes the gradient of {@code output} back to each target and no further: a target counts as
   * independent of the others, whatever it was computed from.
   *
   * @return the targets' gradients; null where {@code output} does not depend on one
   */
  static Tensor[] pullBack(Tensor output, Tensor gradOut, Tensor[] targets) {
    return backward(output, gradOut, targets, true);
  }

  private static Tensor[] backward(Tensor loss, Tensor seed, Tensor[] targets, boolean cut) {
    Set<Tensor> isTarget = identitySet(targets);
    Set<Tensor> ends = cut ? isTarget : Set.of();
    Set<Op> onTheWay = opsBetween(loss, isTarget, ends);
    Map<Tensor, Tensor> gradients = new IdentityHashMap<>();
    Map<Tensor, Tensor> more = new IdentityHashMap<>(); // second summands, for operations to add
    gradients.put(loss, seed);
    PriorityQueue<Tensor> pending =
        new PriorityQueue<>((a, b) -> Long.compare(b.origin.order, a.origin.order));
    if (onTheWay.contains(loss.origin)) {
      pending.add(loss);
    }
    while (!pending.isEmpty()) {
      Tensor output = pending.poll();
      Op op = output.origin;
      Tensor gradOut = isTarget.contains(output) ? gradients.get(output) : gradients.remove(output);
      op.needed = new boolean[op.inputs.length];
      for (int i = 0; i < op.inputs.length; i++) {
        Tensor input = op.inputs[i];
        op.needed[i] = isTarget.contains(input) || onTheWay.contains(input.origin);
      }
      Tensor moreOut = more.remove(output);
      Tensor[] gradIn = backward(op, gradOut, moreOut);
      List<Tensor> spent = new ArrayList<>(List.of(gradOut));
      if (moreOut != null) {
        spent.add(moreOut);
      }
      for (int i = 0; i < op.inputs.length; i++) {
        if (!op.needed[i]) {
          continue;
        }
        if (gradIn[i] == null) {
          throw new UnsupportedOperationException(
              op.name() + " has no gradient with respect to input " + i);
        }
        Tensor input = op.inputs[i];
        Tensor before = gradients.get(input);
        if (before == null) {
          gradients.put(input, gradIn[i]);
          if (onTheWay.contains(input.origin) && !ends.contains(input)) {
            pending.add(input);
          }
        } else if (isTarget.contains(input)) {
          gradients.put(input, before.add(gradIn[i]));
          spent.add(before);
          spent.add(gradIn[i]);
        } else {
          Tensor second = more.put(input, gradIn[i]);
          if (second != null) {
            gradients.put(input, before.add(second));
            spent.add(before);
            spent.add(second);
          }
        }
      }
      spent.removeIf(gradient -> gradient.storage() == seed.storage()); // the caller's
      spent.forEach(gradient -> releaseUnlessShared(gradient, gradients, more));
    }
    return Arrays.stream(targets).map(gradients::get).toArray(Tensor[]::new);
  }

  /**
   * Gives the memory of a gradient back that has been passed on, unless another one is the same
   * elements or a second derivative may read it.
   */
  private static void releaseUnlessShared(
      Tensor gradient, Map<Tensor, Tensor> others, Map<Tensor, Tensor> more) {
    boolean shared =
        Stream.concat(others.values().stream(), more.values().stream())
            .anyMatch(other -> other.storage() == gradient.storage());
    if (!isRecording() && !shared) {
      gradient.storage().release();
    }
  }

  /** One operation's backward pass; what it made on the way is given back at once. */
  private static Tensor[] backward(Op op, Tensor gradOut, Tensor more) {
    op.checkUnchanged();
    try (Scope temporaries = Scope.local()) {
      Tensor[] gradIn = more == null ? op.backward(gradOut) : op.backward(gradOut, more);
      for (int i = 0; i < op.inputs.length; i++) {
        if (op.needed[i] && gradIn[i] != null) {
          gradIn[i] = temporaries.keep(gradIn[i].sumTo(op.inputs[i].shape()));
        }
      }
      return gradIn;
    }
  }

  /**
   * The recorded operations that both the loss depends on and that depend on a target; what lies
   * before a tensor of {@code ends} is not looked at.
   */
  private static Set<Op> opsBetween(Tensor loss, Set<Tensor> isTarget, Set<Tensor> ends) {
    long oldest = Long.MAX_VALUE; // what was recorded earlier depends on no target
    for (Tensor target : isTarget) {
      oldest = Math.min(oldest, target.origin == null ? 0 : target.origin.order);
    }
    Map<Op, Boolean> reaches = new HashMap<>();
    Deque<Op> stack = new ArrayDeque<>();
    if (loss.origin != null && !ends.contains(loss)) {
      stack.push(loss.origin);
    }
    while (!stack.isEmpty()) {
      Op op = stack.peek();
      if (reaches.containsKey(op)) {
        stack.pop();
        continue;
      }
      boolean ready = true;
      boolean reached = false;
      for (Tensor input : op.inputs) {
        reached |= isTarget.contains(input);
        if (input.origin != null && input.origin.order > oldest && !ends.contains(input)) {
          Boolean known = reaches.get(input.origin);
          if (known == null) {
            stack.push(input.origin);
            ready = false;
          } else {
            reached |= known;
          }
        }
      }
      if (ready) {
        reaches.put(op, reached);
        stack.pop();
      }
    }
    Set<Op> ops = new HashSet<>();
    reaches.forEach(
        (op, reached) -> {
          if (reached) {
            ops.add(op);
          }
        });
    return ops;
  }

  private static Set<Tensor> identitySet(Tensor[] tensors) {
    Set<Tensor> set = Collections.newSetFromMap(new IdentityHashMap<>());
    set.addAll(List.of(tensors));
    return set;
  }
}
