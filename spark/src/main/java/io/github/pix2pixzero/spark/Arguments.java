package io.github.pix2pixzero.spark;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.cli.SharedOptions;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What to edit, and how; options are spelled as those of {@code pix2pix-zero edit}. */
final class Arguments {
  @Option(
      names = "--model",
      paramLabel = "PATH|NAME",
      description =
          "Checkpoint, at a path that all executors see, or a name on huggingface.co. Default: the"
              + " bundled toy model.")
  private String model;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "WORD",
      description = "What to change, such as cat.")
  private String from;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "WORD",
      description = "What to make of it, such as dog.")
  private String to;

  @Option(
      names = "--caption",
      paramLabel = "TEXT",
      description =
          "What pictures show that have no NAME.txt beside them. Default: a photo of the --from"
              + " word.")
  private String caption;

  @Mixin private SharedOptions shared;

  /**
   * The edit.
   *
   * @throws IllegalArgumentException if it makes no sense
   */
  EditOptions options() {
    EditOptions.Builder options = EditOptions.builder().from(from).to(to);
    if (caption != null) {
      options.caption(caption);
    }
    shared.applyTo(options);
    return options.build();
  }

  /** Arguments as they were given, which each executor reads anew. */
  record Setup(ImmutableList<String> arguments) implements EditSetup {
    static Setup of(List<String> arguments) {
      return new Setup(ImmutableList.copyOf(arguments));
    }

    private Arguments parsed() {
      Arguments parsed = new Arguments();
      new CommandLine(parsed)
          .setUnmatchedArgumentsAllowed(true) // those that are not about the edit
          .setExpandAtFiles(false)
          .parseArgs(arguments.toArray(String[]::new));
      return parsed;
    }

    @Override
    public Pix2PixZero load(int threads) throws IOException {
      String model = parsed().model;
      Backend backend = Backends.best(threads);
      return model == null
          ? Pix2PixZero.loadBundled(backend)
          : Pix2PixZero.load(model, backend, LoadOptions.defaults(), ProgressListener.NONE);
    }

    @Override
    public EditOptions options() {
      return parsed().options();
    }
  }
}
