package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Changes parameters, in place and on their backend, so that a loss falls:
 *
 * <pre>{@code
 * try (Scope step = Scope.open()) {
 *   Tensor loss = loss(batch);
 *   optimizer.step(Autograd.grad(loss, parameters.tensors()));
 * }
 * }</pre>
 *
 * <p>{@link #save} and {@link #load} carry the state of the optimiser itself, so that together with
 * {@link Parameters#save} training resumes with the same bits. The options are the caller's to
 * repeat.
 */
public abstract class Optimizer implements AutoCloseable {
  private static final String KIND = "optimizer";
  private static final String STEPS = "steps";

  private final List<Parameter> parameters;
  private final LearningRate rate;
  private final List<Parameter> state = new ArrayList<>();
  private long steps;

  Optimizer(Parameters parameters, LearningRate rate) {
    this.parameters = List.copyOf(parameters.all());
    this.rate = rate;
    checkArgument(!this.parameters.isEmpty(), "there are no parameters to optimise");
  }

  /** One tensor of zeros for each parameter, saved as {@code NAME.of}. */
  final List<Tensor> zeros(String of) {
    List<Tensor> zeros = new ArrayList<>();
    for (Parameter parameter : parameters) {
      Tensor tensor = parameter.tensor();
      Tensor zero = Scope.outlive(Tensor.full(tensor.backend(), tensor.shape(), 0f));
      zeros.add(zero);
      state.add(new Parameter(parameter.name() + "." + of, parameter.layout(), zero));
    }
    return zeros;
  }

  /** Steps taken so far. */
  public final long steps() {
    return steps;
  }

  /**
   * Takes one step.
   *
   * @param gradients one for each parameter, in the order of {@link Parameters#tensors()}; left
   *     alone
   * @throws IllegalArgumentException if their number or a shape does not fit; nothing is changed
   */
  public final void step(Tensor... gradients) {
    checkArgument(
        gradients.length == parameters.size(),
        "got %s gradients for %s parameters",
        gradients.length,
        parameters.size());
    for (int i = 0; i < gradients.length; i++) {
      Parameter parameter = parameters.get(i);
      checkArgument(
          gradients[i].shape().equals(parameter.tensor().shape()),
          "the gradient of %s has shape %s, expected %s",
          parameter.name(),
          gradients[i].shape(),
          parameter.tensor().shape());
    }
    double now = rate.at(steps++);
    for (int i = 0; i < gradients.length; i++) {
      Tensor parameter = parameters.get(i).tensor();
      update(i, now, gradients[i], parameter);
      parameter.storage().markChanged();
    }
  }

  /** Changes parameter {@code index}. {@link #steps()} counts this step already. */
  abstract void update(int index, double learningRate, Tensor gradient, Tensor parameter);

  /** Writes the state to a safetensors file, in float32. */
  public final void save(Path file) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    notes().forEach(writer::metadata);
    state.forEach(tensor -> StateFiles.add(writer, tensor));
    writer.write(file);
  }

  /**
   * Goes on from a state that {@link #save} wrote.
   *
   * @throws IllegalArgumentException if it is of another optimiser, or of other parameters; nothing
   *     is changed then
   */
  public final void load(Path file) throws IOException {
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      checkNotes(file, stored.metadata());
      StateFiles.check(stored, state);
      StateFiles.set(stored, state);
      goOn(stored.metadata());
    }
  }

  /** The tensors of the state, under the parameters' names. */
  final List<Parameter> state() {
    return Collections.unmodifiableList(state);
  }

  /** The state besides its tensors. */
  final Map<String, String> notes() {
    return Map.of(KIND, getClass().getSimpleName(), STEPS, Long.toString(steps));
  }

  /** Refuses notes of something else. */
  final void checkNotes(Path file, Map<String, String> notes) {
    checkArgument(
        getClass().getSimpleName().equals(notes.get(KIND)),
        "%s should hold the state of %s, but holds that of %s",
        file,
        getClass().getSimpleName(),
        notes.get(KIND));
    String text = notes.getOrDefault(STEPS, "");
    checkArgument(text.matches("\\d{1,18}"), "%s: '%s' is no number of steps", file, text);
  }

  /** Takes over notes that have been checked. */
  final void goOn(Map<String, String> notes) {
    steps = Long.parseLong(notes.get(STEPS));
  }

  /** Gives the memory of the state back; the parameters stay. */
  @Override
  public final void close() {
    state.forEach(kept -> kept.tensor().storage().release());
  }
}
