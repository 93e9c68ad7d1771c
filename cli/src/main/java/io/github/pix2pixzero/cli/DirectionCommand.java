package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pix2pix-zero direction}: words, sentences or mean embeddings in, a direction out. */
@Command(
    name = "direction",
    description = "Makes a direction file, which 'edit --direction' takes.",
    customSynopsis = {
      "pix2pix-zero direction -o FILE --from WORD --to WORD [OPTION...]",
      "pix2pix-zero direction -o FILE --source-sentences PATH --target-sentences PATH [OPTION...]",
      "pix2pix-zero direction -o FILE --source-embedding FILE --target-embedding FILE",
      "pix2pix-zero direction -o FILE --sum FILE [--sum FILE...] [--strength X]"
    },
    footerHeading = "%nExamples, which run in the folder of the sources:%n",
    footer = {
      "  ./pix2pix-zero direction -o cat2dog.safetensors --from cat --to dog",
      "  ./pix2pix-zero edit toy-world/examples/cat.png -o dog4.png \\",
      "      --direction cat2dog.safetensors --caption \"a photo of a cat\"",
      "  ./pix2pix-zero direction -o dog2cat.safetensors --sum cat2dog.safetensors \\",
      "      --strength -1"
    })
final class DirectionCommand extends ModelCommand {
  @Option(
      names = {"-o", "--output"},
      order = 1,
      required = true,
      paramLabel = "FILE",
      description = "Direction file to write (safetensors).")
  private Path output;

  @Mixin private ChangeOptions change;

  @Mixin private EndpointOptions endpoints;

  @Option(
      names = "--sum",
      order = 20,
      paramLabel = "FILE",
      description = "Instead of words: a direction file; of several the sum.")
  private List<Path> summands = List.of();

  @Option(
      names = "--strength",
      order = 21,
      paramLabel = "X",
      description = "Multiply it by this; a negative number turns it around. Default: 1.")
  private double strength = 1;

  DirectionCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    requireSafetensors("--output", output);
    require(
        change.isGiven() || !summands.isEmpty(),
        "say what to change: --from and --to, or --source-sentences and --target-sentences, or"
            + " --source-embedding and --target-embedding, or --sum");
    require(!change.isGiven() || summands.isEmpty(), "--sum does not go with what it is made of");
    require(Double.isFinite(strength), "--strength should be a number, it is " + strength);
    change.checkUsage(this);
    endpoints.checkUsage(change.asksLanguageModel());
  }

  @Override
  FilesInUse files(FilesInUse files) {
    return change.files(files).reads("--sum", summands).writes("--output", output);
  }

  @Override
  int run(Backend backend) throws IOException {
    EditOptions.Builder builder =
        options(
            () -> {
              EditOptions.Builder words = EditOptions.builder();
              change.addWords(words);
              return words;
            });
    Results.check(output);
    EditDirection direction = make(builder, backend);
    EditDirection made = strength == 1 ? direction : direction.scale(strength);
    Results.write(output, () -> made.write(output));
    say(
        "wrote %s, for text embeddings of %s tokens by %s"
            .formatted(output, made.embedding().dim(1), made.embedding().dim(2)));
    return 0;
  }

  private EditDirection make(EditOptions.Builder builder, Backend backend) throws IOException {
    if (!summands.isEmpty()) {
      EditDirection sum = EditDirection.read(summands.get(0), backend);
      for (Path summand : summands.subList(1, summands.size())) {
        sum = sum.plus(EditDirection.read(summand, backend));
      }
      return sum;
    }
    change.addFiles(builder, endpoints, backend);
    EditOptions options = builder.build();
    if (options.direction().isPresent()) {
      return options.direction().get();
    }
    EditDirection made = change.keepingDirections(load(backend)).direction(options);
    return change.from == null ? made : made.noting("from", change.from).noting("to", change.to);
  }
}
