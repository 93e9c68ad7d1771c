package io.github.pix2pixzero.benchmarks.fullsize;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.EditPlan;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.picture.PillowResize;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * An edit in its parts, first in a process and again: seconds, and the most memory that tensors and
 * the process took. Prints a row a line as JSON, which {@code cuda-kernels/gpu/table.py} reads.
 */
public final class WholeEdit {
  /** Height and width of a picture of which a row does not say. */
  public static final int USUAL_SIZE = 512;

  private static final String[] TURNS = {"first", "again"};
  private static final double MIB = 1 << 20;

  private final Backend backend;
  private final EditOptions options;
  private final BufferedImage picture;
  private final String name;
  private final Consumer<String> out;

  /**
   * What is measured.
   *
   * @param steps back, and forth
   * @param published with the published options instead of the default ones
   * @param size height and width of the picture
   */
  public record Work(int steps, boolean published, int size) {
    private String name() {
      String of = size == USUAL_SIZE ? "" : " of %s × %<s".formatted(size);
      return "edit%s, %s options, %s + %<s steps"
          .formatted(of, published ? "published" : "default", steps);
    }

    private EditOptions options() {
      EditOptions.Builder builder = published ? EditOptions.published() : EditOptions.builder();
      return builder
          .from("cat")
          .to("dog")
          .caption("a photo of a cat in the snow")
          .steps(steps)
          .build();
    }
  }

  private WholeEdit(Work work, Backend backend, Consumer<String> out) {
    this.backend = backend;
    this.out = out;
    name = work.name();
    options = work.options();
    picture = PillowResize.BILINEAR.resize(Row.picture(), work.size(), work.size());
  }

  /**
   * Measures.
   *
   * @param folder a model such as {@code random-model} writes
   * @param out given the rows
   */
  public static void run(Path folder, Work work, Backend backend, Consumer<String> out)
      throws IOException {
    new WholeEdit(work, backend, out).run(folder);
  }

  private void run(Path folder) throws IOException {
    Stopwatch watch = Stopwatch.createStarted();
    Pix2PixZero model = Pix2PixZero.load(folder, backend);
    // Sentences are no part of an edit, here or there: this makes the direction.
    EditPlan unused = model.plan(options);
    print("load and direction", "s", seconds(watch));
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
    print("peak, resident", "MiB", FullSize.peak() / MIB);
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
