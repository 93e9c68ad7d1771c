package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pix2pix-zero direction}: words, sentences or mean embeddings in, a direction out. */
@Command(
    name = "direction",
    description = "Makes a direction file, which 'edit --direction' takes.",
    customSynopsis = {
      "pix2pix-zero direction -o FILE --from WORD --to WORD [OPTION...]",
      "pix2pix-zero direction -o FILE --source-sentences FILE --target-sentences FILE [OPTION...]",
      "pix2pix-zero direction -o FILE --source-embedding FILE --target-embedding FILE"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pix2pix-zero direction -o cat2dog.safetensors --from cat --to dog",
      "  pix2pix-zero direction -o cat2dog.safetensors --source-embedding cat.pt"
          + " --target-embedding dog.pt"
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

  @Option(
      names = "--source-embedding",
      order = 15,
      paramLabel = "FILE",
      description = "Instead of words: a mean embedding (.pt, .safetensors) of what to change;")
  private Path sourceEmbedding;

  @Option(
      names = "--target-embedding",
      order = 16,
      paramLabel = "FILE",
      description = "and one of what to make of it. No model is needed.")
  private Path targetEmbedding;

  DirectionCommand(Progress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    boolean embeddings = sourceEmbedding != null || targetEmbedding != null;
    require(
        embeddings || change.hasWords() || change.hasSentences(),
        "say what to change: --from and --to, or --source-sentences and --target-sentences, or"
            + " --source-embedding and --target-embedding");
    require(
        !embeddings || !(change.hasWords() || change.hasSentences()),
        "embeddings do not go with words or sentences");
    require(
        (sourceEmbedding == null) == (targetEmbedding == null),
        "--source-embedding and --target-embedding go together");
    change.checkUsage(this);
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
    EditDirection made;
    if (sourceEmbedding != null) {
      made = EditDirection.between(sourceEmbedding, targetEmbedding, backend);
    } else {
      change.addFiles(builder, null, backend);
      made = load(backend).direction(builder.build());
    }
    Results.write(output, () -> made.write(output));
    say(
        "wrote %s, for text embeddings of %d tokens by %d"
            .formatted(output, made.embedding().dim(1), made.embedding().dim(2)));
    return 0;
  }
}
