package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a picture that is inverted shows, and in how many steps it is. */
final class InversionOptions {
  @Option(
      names = "--caption",
      order = 20,
      paramLabel = "TEXT",
      description = "What the picture shows. Default: what the captioner says.")
  private String caption;

  @Mixin private CaptionOptions captions;

  @Mixin private EndpointOptions endpoints;

  @Option(
      names = "--steps",
      order = 22,
      paramLabel = "N",
      description = "Steps of the inversion. Default: 12, as those of an edit.")
  private Integer steps;

  void checkUsage(ComputingCommand user) {
    captions.checkUsage();
    endpoints.checkUsage(captions.isEndpoint());
    user.require(!captions.isWanted() || caption == null, "--captioner does not go with --caption");
  }

  /** Whether any was given. */
  boolean areGiven() {
    return caption != null || captions.isWanted() || steps != null;
  }

  /** Whether there is a caption that is not blank, or somebody who says one. */
  boolean haveCaption() throws IOException {
    return caption == null ? captions.isThere() : !caption.isBlank();
  }

  /** Adds the steps. */
  void applyTo(EditOptions.Builder options) {
    if (steps != null) {
      options.steps(steps);
    }
  }

  /** The caption; what the captioner says is printed. Empty if there is neither. */
  Optional<String> caption(Path file, BufferedImage picture, Backend backend, ComputingCommand user)
      throws IOException {
    if (caption != null) {
      return Optional.of(caption);
    }
    Optional<CaptionOptions.Looker> looker = captions.open(endpoints, backend, user.progress);
    return looker.isPresent()
        ? Optional.of(looker.get().said(file, picture, Optional.empty(), user))
        : Optional.empty();
  }
}
