package io.github.pix2pixzero.benchmarks;

import com.google.common.base.Stopwatch;
import io.github.pix2pixzero.Edit;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import javax.imageio.ImageIO;

/** How long an edit of the toy model takes, first in a new process and again. */
final class EditTimes {
  private static final String PICTURE = "io/github/pix2pixzero/toyworld/examples/cat.png";
  private static final EditOptions OPTIONS =
      EditOptions.published()
          .from("cat")
          .to("dog")
          .caption("a photo of a gray cat in the snow")
          .steps(50)
          .build();

  private EditTimes() {}

  /** Edits twice and describes the times in Markdown. */
  static String run() throws IOException {
    Machine machine = Machine.current();
    int threads = machine.cores();
    Backend backend = Backends.best(threads);
    Stopwatch loading = Stopwatch.createStarted();
    Pix2PixZero model = Pix2PixZero.loadBundled(backend);
    Duration load = loading.elapsed();
    BufferedImage picture = picture();
    Times cold = edit(model, picture);
    Times warm = edit(model, picture);
    return machine.toMarkdown()
        + "- backend: %s, %s threads\n".formatted(backend.name(), threads)
        + "- edit: cat to dog, %s steps of inversion and %s of editing, reference gradient\n\n"
            .formatted(OPTIONS.steps(), OPTIONS.steps())
        + "| | load, s | invert, s | edit, s | together, s |\n|---|--:|--:|--:|--:|\n"
        + row("first, in a new process", seconds(load), cold)
        + row("second, same process", "–", warm);
  }

  private static Times edit(Pix2PixZero model, BufferedImage picture) {
    Inversion inversion = model.invert(picture, OPTIONS, ProgressListener.NONE);
    Edit edit = model.edit(inversion, OPTIONS, ProgressListener.NONE);
    return new Times(inversion.time(), edit.time());
  }

  private static BufferedImage picture() throws IOException {
    try (InputStream in = EditTimes.class.getClassLoader().getResourceAsStream(PICTURE)) {
      if (in == null) {
        throw new FileNotFoundException(PICTURE + " is not on the class path");
      }
      return ImageIO.read(in);
    }
  }

  private static String row(String name, String load, Times times) {
    return "| %s | %s | %s | %s | %s |\n"
        .formatted(
            name,
            load,
            seconds(times.invert()),
            seconds(times.edit()),
            seconds(times.invert().plus(times.edit())));
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.2f", time.toMillis() / 1e3);
  }

  private record Times(Duration invert, Duration edit) {}
}
