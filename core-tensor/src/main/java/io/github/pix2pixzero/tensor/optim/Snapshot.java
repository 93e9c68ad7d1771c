package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that a training needs to go on with the same bits, in one file that is written whole or not
 * at all: networks, averages, optimisers, and notes such as the step and where a generator stands.
 *
 * <pre>{@code
 * Snapshot snapshot = new Snapshot().add("network", parameters).add("adam", adam);
 * snapshot.save(file, Map.of("step", Long.toString(step)));
 * long step = Long.parseLong(snapshot.load(file).get("step"));
 * }</pre>
 *
 * <p>Options and learning rates are the caller's to repeat. In the file, a safetensors file, the
 * parts' names stand in front of the tensors': {@code network/encoder.weight}.
 */
public final class Snapshot {
  private static final String SEPARATOR = "/";

  private final Map<String, Parameters> networks = new TreeMap<>();
  private final Map<String, Optimizer> optimizers = new TreeMap<>();

  /**
   * Adds a network, or the {@linkplain MovingAverage#parameters() average} of one.
   *
   * @param name not yet taken, without a slash
   * @return this
   */
  public Snapshot add(String name, Parameters network) {
    checkName(name);
    networks.put(name, network);
    return this;
  }

  /**
   * Adds an optimiser's state.
   *
   * @param name not yet taken, without a slash
   * @return this
   */
  public Snapshot add(String name, Optimizer optimizer) {
    checkName(name);
    optimizers.put(name, optimizer);
    return this;
  }

  private void checkName(String name) {
    checkArgument(!name.contains(SEPARATOR), "a part's name has no slash, got %s", name);
    checkArgument(
        !networks.containsKey(name) && !optimizers.containsKey(name),
        "there is already a part %s",
        name);
  }

  /**
   * Writes everything.
   *
   * @param notes of the caller; their keys have no slash
   */
  public void save(Path file, Map<String, String> notes) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    notes.forEach(
        (key, value) -> {
          checkArgument(!key.contains(SEPARATOR), "a note's key has no slash, got %s", key);
          writer.metadata(key, value);
        });
    optimizers.forEach(
        (name, optimizer) ->
            optimizer
                .notes()
                .forEach((key, value) -> writer.metadata(name + SEPARATOR + key, value)));
    tensors().forEach(tensor -> StateFiles.add(writer, tensor));
    writer.write(file);
  }

  /**
   * Sets everything to what {@link #save} wrote, in place.
   *
   * @return the caller's notes
   * @throws IllegalArgumentException if the file is of other parts; nothing is changed then
   * @throws IOException if it cannot be read or is no such file
   */
  public Map<String, String> load(Path file) throws IOException {
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      List<Parameter> tensors = tensors();
      StateFiles.check(stored, tensors);
      optimizers.forEach(
          (name, optimizer) -> optimizer.checkNotes(file, below(name, stored.metadata())));
      StateFiles.set(stored, tensors);
      optimizers.forEach((name, optimizer) -> optimizer.goOn(below(name, stored.metadata())));
      return notes(stored);
    }
  }

  /**
   * The caller's notes alone, which may say what parts the snapshot has.
   *
   * @throws IOException if the file cannot be read or is no such file
   */
  public static Map<String, String> notes(Path file) throws IOException {
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      return notes(stored);
    }
  }

  private static Map<String, String> notes(SafetensorsFile stored) {
    Map<String, String> notes = new TreeMap<>(stored.metadata());
    notes.keySet().removeIf(key -> key.contains(SEPARATOR));
    return notes;
  }

  private List<Parameter> tensors() {
    List<Parameter> tensors = new ArrayList<>();
    networks.forEach((name, network) -> network.all().forEach(p -> tensors.add(below(name, p))));
    optimizers.forEach(
        (name, optimizer) -> optimizer.state().forEach(p -> tensors.add(below(name, p))));
    return tensors;
  }

  private static Parameter below(String name, Parameter parameter) {
    return new Parameter(
        name + SEPARATOR + parameter.name(), parameter.layout(), parameter.tensor());
  }

  private static Map<String, String> below(String name, Map<String, String> metadata) {
    Map<String, String> below = new TreeMap<>();
    String prefix = name + SEPARATOR;
    metadata.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            below.put(key.substring(prefix.length()), value);
          }
        });
    return below;
  }
}
