package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** What is to change, in words or sentences. */
final class ChangeOptions {
  @Option(
      names = "--from",
      order = 10,
      paramLabel = "WORD",
      description = "What to change, such as cat; goes with --to.")
  String from;

  @Option(
      names = "--to",
      order = 11,
      paramLabel = "WORD",
      description = "What to make of it, such as dog.")
  String to;

  @Option(
      names = "--source-sentences",
      order = 13,
      paramLabel = "FILE",
      description = "Instead of words: sentences about what to change, one a line;")
  Path sourceSentences;

  @Option(
      names = "--target-sentences",
      order = 14,
      paramLabel = "FILE",
      description = "and sentences about what to make of it.")
  Path targetSentences;

  boolean hasWords() {
    return from != null || to != null;
  }

  boolean hasSentences() {
    return sourceSentences != null || targetSentences != null;
  }

  void checkUsage(ModelCommand command) {
    command.require(!(hasWords() && hasSentences()), "--from and --to do not go with sentences");
    command.require(!hasWords() || from != null, "--to needs --from");
    command.require(!hasWords() || to != null, "--from needs --to");
    command.require(
        !hasSentences() || sourceSentences != null, "--target-sentences needs --source-sentences");
    command.require(
        !hasSentences() || targetSentences != null, "--source-sentences needs --target-sentences");
  }

  void addWords(EditOptions.Builder options) {
    if (from != null) {
      options.from(from).to(to);
    }
  }

  /** Adds what is in files. */
  void addFiles(EditOptions.Builder options, Path direction, Backend backend) throws IOException {
    if (direction != null) {
      options.direction(EditDirection.read(direction, backend));
    } else if (sourceSentences != null) {
      options.sentences(SentenceBank.read(sourceSentences), SentenceBank.read(targetSentences));
    }
  }
}
