package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.guidance.Steering;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.CacheFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is to change: in words, sentences or mean embeddings. */
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
      description = "What to make of it, such as dog, \"dog with sunglasses\" or \"oil painting\".")
  String to;

  @Option(
      names = "--source-sentences",
      order = 13,
      paramLabel = "PATH",
      description = "Instead of words: sentences about what to change, one a line, in a file or in")
  Path sourceSentences;

  @Option(
      names = "--target-sentences",
      order = 14,
      paramLabel = "PATH",
      description = "the .txt files of a folder; and sentences about what to make of it.")
  Path targetSentences;

  @Option(
      names = "--source-embedding",
      order = 15,
      paramLabel = "FILE",
      description = "Instead of words: a mean embedding of what to change, such as the authors'")
  Path sourceEmbedding;

  @Option(
      names = "--target-embedding",
      order = 16,
      paramLabel = "FILE",
      description = "cat.pt (.pt or .safetensors); and one of what to make of it, such as dog.pt.")
  Path targetEmbedding;

  @Mixin private ChatOptions chat;

  @Option(
      names = "--cache-dir",
      order = 18,
      paramLabel = "DIR",
      description =
          "Where directions and sentences from --chat-model are kept. Default: pix2pix-zero in"
              + " XDG_CACHE_HOME or ~/.cache.")
  private Path cache;

  boolean hasWords() {
    return from != null || to != null;
  }

  boolean hasSentences() {
    return sourceSentences != null || targetSentences != null;
  }

  boolean hasEmbeddings() {
    return sourceEmbedding != null || targetEmbedding != null;
  }

  /** Whether a language model writes the sentences. */
  boolean asksLanguageModel() {
    return chat.isWanted();
  }

  /** Whether anything is given at all. */
  boolean isGiven() {
    return hasWords() || hasSentences() || hasEmbeddings();
  }

  void checkUsage(ModelCommand command) {
    command.require(
        Stream.of(hasWords(), hasSentences(), hasEmbeddings()).filter(given -> given).count() <= 1,
        "of words, sentences and embeddings only one kind can say what to change");
    checkPair(command, "--from", from, "--to", to);
    checkPair(
        command, "--source-sentences", sourceSentences, "--target-sentences", targetSentences);
    checkPair(
        command, "--source-embedding", sourceEmbedding, "--target-embedding", targetEmbedding);
    command.require(!chat.isWanted() || hasWords(), "--chat-model needs --from and --to");
    chat.checkUsage(command);
  }

  private static void checkPair(
      ModelCommand command, String source, Object one, String target, Object other) {
    command.require(one == null || other != null, source + " needs " + target);
    command.require(other == null || one != null, target + " needs " + source);
  }

  void addWords(EditOptions.Builder options) {
    if (from != null) {
      options.from(from).to(to);
    }
  }

  /** Adds what has to be read, or asked for. */
  void addFiles(EditOptions.Builder options, EndpointOptions endpoints, Backend backend)
      throws IOException {
    if (sourceEmbedding != null) {
      options.direction(EditDirection.between(sourceEmbedding, targetEmbedding, backend));
    } else if (sourceSentences != null) {
      options.sentences(SentenceBank.read(sourceSentences), SentenceBank.read(targetSentences));
    } else if (chat.isWanted()) {
      Path folder =
          cacheFolder()
              .orElseThrow(
                  () -> new IOException("there is no home folder; --chat-model needs --cache-dir"));
      // Whoever asks for sentences wants the edit to follow them, not the swapped word.
      options
          .sentences(chat.about(from, endpoints, folder), chat.about(to, endpoints, folder))
          .steering(Steering.DIRECTION);
    }
  }

  /** Names what is read. */
  FilesInUse files(FilesInUse files) {
    return files
        .reads("--source-sentences", sourceSentences)
        .reads("--target-sentences", targetSentences)
        .reads("--source-embedding", sourceEmbedding)
        .reads("--target-embedding", targetEmbedding);
  }

  /** The same model, which keeps directions, unless the user has no place for them. */
  Pix2PixZero keepingDirections(Pix2PixZero model) {
    return cacheFolder().map(model::keepingDirections).orElse(model);
  }

  /** Where directions and answers are kept. */
  private Optional<Path> cacheFolder() {
    return cache == null ? CacheFolder.ofUser() : Optional.of(cache);
  }
}
