package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a picture shows, where it may change, and how it is edited. */
final class SettingOptions {
  private static final double USUAL_THRESHOLD = 0.3;

  @Option(
      names = "--caption",
      order = 20,
      paramLabel = "TEXT",
      description = "What the picture shows. Default: a photo of the --from word, else empty.")
  private String caption;

  @Option(
      names = {"--target-caption", "--prompt"},
      order = 20,
      paramLabel = "TEXT",
      description = "What it should show. Default: the caption with the word replaced.")
  private String targetCaption;

  @Mixin private SharedOptions shared;

  @Option(
      names = "--mask",
      order = 24,
      paramLabel = "FILE",
      description =
          "Picture of the size of INPUT: white may change, black stays. Default: found out.")
  private Path mask;

  @Option(
      names = "--mask-word",
      order = 24,
      paramLabel = "WORD",
      description = "Instead: what may change is where this word of the caption looks. Repeatable.")
  private List<String> maskWords = List.of();

  @Option(
      names = "--mask-threshold",
      order = 24,
      paramLabel = "X",
      description = "How strongly it looks there, from 0 to 1. Default: 0.3.")
  private Double maskThreshold;

  boolean hasCaption() {
    return caption != null;
  }

  boolean hasMask() {
    return mask != null;
  }

  boolean hasTargetCaption() {
    return targetCaption != null;
  }

  void checkUsage(ModelCommand command) {
    command.require(mask == null || maskWords.isEmpty(), "--mask does not go with --mask-word");
    command.require(
        maskThreshold == null || !maskWords.isEmpty(), "--mask-threshold goes with --mask-word");
  }

  /** Names what is read. */
  FilesInUse files(FilesInUse files) {
    return files.reads("--mask", mask);
  }

  /** Adds what has to be read. */
  void addFiles(EditOptions.Builder options) throws IOException {
    if (mask != null) {
      options.mask(PictureFiles.read(mask));
    }
  }

  /**
   * Adds what was given.
   *
   * @throws IllegalArgumentException if it makes no sense
   */
  void addTo(EditOptions.Builder options) {
    shared.applyTo(options);
    if (caption != null) {
      options.caption(caption);
    }
    if (targetCaption != null) {
      options.targetCaption(targetCaption);
    }
    if (!maskWords.isEmpty()) {
      options.maskWords(
          maskThreshold == null ? USUAL_THRESHOLD : maskThreshold,
          maskWords.toArray(String[]::new));
    }
  }

  /** Refuses a mask that the method takes no notice of, before it is read. */
  void checkMask(ModelCommand command, EditOptions options) {
    command.require(
        mask == null || options.method().takesMask(),
        "--mask does not go with --method %s as it is set, which holds nothing"
            .formatted(options.method().name()));
  }
}
