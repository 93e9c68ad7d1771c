package io.github.pix2pixzero.benchmarks.fullsize;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.EditPlan;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * An edit in its parts, first in a process and again: seconds, and the most memory that tensors
 * took. Prints a row a line as JSON, which {@code cuda-kernels/gpu/table.py} reads.
 */
public final class WholeEdit {
  private static final String[] TURNS = {"first", "again"};
  private static final double MIB = 1 << 20;

  private final Backend backend;
  private final EditOptions options;
  private final String name;
  private final Consumer<String> out;

  private WholeEdit(Backend backend, int steps, boolean published, Consumer<String> out) {
    this.backend = backend;
    this.out = out;
    name = "edit, %s options, %s + %<s steps".formatted(published ? "published" : "default", steps);
    EditOptions.Builder builder = published ? EditOptions.published() : EditOptions.builder();
    options =
        builder.from("cat").to("dog").caption("a photo of a cat in the snow").steps(steps).build();
  }

  /**
   * Measures.
   *
   * @param folder a model such as {@code random-model} writes
   * @param out given the rows
   */
  public static void run(
      Path folder, Backend backend, int steps, boolean published, Consumer<String> out)
      throws IOException {
    new WholeEdit(backend, steps, published, out).run(folder);
  }

  private void run(Path folder) throws IOException {
    Stopwatch watch = Stopwatch.createStarted();
    Pix2PixZero model = Pix2PixZero.load(folder, backend);
    // Sentences are no part of an edit, here or there: this makes the direction.
    EditPlan unused = model.plan(options);
    print("load and direction", "s", seconds(watch));
    BufferedImage picture = Row.picture();
    for (String turn : TURNS) {
      watch.reset().start();
      Inversion inversion = model.invert(picture, options, ProgressListener.NONE);
      inversion.inverted().toFloats(); // waits for the device
      double inverted = seconds(watch);
      edit(model, inversion);
      double together = seconds(watch);
      watch.reset().start();
      model.decode(inversion.encoded());
      double decoded = seconds(watch);
      print(turn + ", inversion", "s", inverted);
      print(turn + ", edit and decoding", "s", together - inverted);
      print(turn + ", decoding", "s", decoded);
      print(turn + ", whole", "s", together);
    }
    print("peak", "MiB", backend.memory().peak() / MIB);
  }

  /** With random weights an edit may run off to infinity, which takes it as long. */
  private void edit(Pix2PixZero model, Inversion inversion) {
    try {
      model.edit(inversion, options, ProgressListener.NONE);
    } catch (ArithmeticException e) {
      out.accept(e.getMessage() + "; the time is without decoding");
    }
  }

  private static double seconds(Stopwatch watch) {
    return watch.elapsed(TimeUnit.MICROSECONDS) / 1e6;
  }

  private void print(String part, String unit, double value) {
    try {
      out.accept(
          new JsonMapper()
              .writeValueAsString(
                  ImmutableMap.of(
                      "of", backend.toString(), "row", name + ": " + part, unit, value)));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of a string, it does not happen
    }
  }
}
