package io.github.pix2pixzero.benchmarks;

import com.google.common.base.Stopwatch;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.guidance.Quality;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * How long an edit of the toy model takes, first in a new process and again, beside what diffusers
 * took.
 */
final class EditTimes {
  private static final String PICTURE = "io/github/pix2pixzero/toyworld/examples/cat.png";
  static final EditOptions PUBLISHED = catToDog(EditOptions.published());
  static final EditOptions DEFAULTS = catToDog(EditOptions.builder());

  /**
   * {@code StableDiffusionPix2PixZeroPipeline} of August 2026 with the same model, steps and
   * published options: PyTorch 2.13 on 2 threads, third run of its process, nothing else running,
   * 2026-11-21.
   */
  private static final Times DIFFUSERS =
      new Times(Duration.ofMillis(2300), Duration.ofMillis(8200));

  private EditTimes() {}

  private static EditOptions catToDog(EditOptions.Builder options) {
    return options.from("cat").to("dog").caption("a photo of a gray cat in the snow").build();
  }

  /** Edits a picture several times and describes the times in Markdown. */
  static String run() throws IOException {
    Machine machine = Machine.current();
    int threads = machine.cores();
    Backend backend = Backends.best(threads);
    Stopwatch loading = Stopwatch.createStarted();
    Pix2PixZero model = Pix2PixZero.loadBundled(backend);
    Duration load = loading.elapsed();
    BufferedImage picture = picture();
    Times first = edit(model, picture, DEFAULTS);
    edit(model, picture, DEFAULTS);
    Times again = edit(model, picture, DEFAULTS);
    Inversion inversion = model.invert(picture, DEFAULTS, ProgressListener.NONE);
    Times shared = edit(model, inversion, Duration.ZERO, DEFAULTS);
    Times published = third(model, picture, PUBLISHED);
    StringBuilder qualities = new StringBuilder();
    for (Quality quality : Quality.values()) {
      EditOptions options = DEFAULTS.toBuilder().quality(quality).build();
      qualities.append(
          row(
              "%s, %s steps".formatted(quality, quality.steps()),
              "–",
              third(model, picture, options)));
    }
    return machine.toMarkdown()
        + "- backend: %s, %s threads\n".formatted(backend.name(), threads)
        + "- edit: cat to dog; the default options take %s steps, the published ones %s\n\n"
            .formatted(DEFAULTS.stepsOfInversion(), PUBLISHED.stepsOfInversion())
        + "| | load, s | invert, s | edit, s | together, s | diffusers ÷ this |\n"
        + "|---|--:|--:|--:|--:|--:|\n"
        + row("default options, first in a new process", seconds(load), first)
        + row("default options, third in the process", "–", again)
        + row("default options, another edit of the same picture", "–", shared)
        + qualities
        + row("published options", "–", published)
        + row("diffusers, published options, recorded", "–", DIFFUSERS);
  }

  /** Of an edit that two like it precede. */
  static Times third(Pix2PixZero model, BufferedImage picture, EditOptions options) {
    edit(model, picture, options);
    edit(model, picture, options);
    return edit(model, picture, options);
  }

  private static Times edit(Pix2PixZero model, BufferedImage picture, EditOptions options) {
    Inversion inversion = model.invert(picture, options, ProgressListener.NONE);
    return edit(model, inversion, inversion.time(), options);
  }

  private static Times edit(
      Pix2PixZero model, Inversion inversion, Duration invert, EditOptions options) {
    return new Times(invert, model.edit(inversion, options, ProgressListener.NONE).time());
  }

  /** Of the toy world, 64 × 64. */
  static BufferedImage picture() throws IOException {
    try (InputStream in = EditTimes.class.getClassLoader().getResourceAsStream(PICTURE)) {
      if (in == null) {
        throw new FileNotFoundException(PICTURE + " is not on the class path");
      }
      return ImageIO.read(in);
    }
  }

  private static String row(String name, String load, Times times) {
    Duration together = times.together();
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %.1f |\n",
        name,
        load,
        times.invert().isZero() ? "–" : seconds(times.invert()),
        seconds(times.edit()),
        seconds(together),
        (double) DIFFUSERS.together().toMillis() / together.toMillis());
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.2f", time.toMillis() / 1e3);
  }

  /** How long both parts of an edit took. */
  record Times(Duration invert, Duration edit) {
    Duration together() {
      return invert.plus(edit);
    }

    double seconds() {
      return together().toNanos() / 1e9;
    }
  }
}
