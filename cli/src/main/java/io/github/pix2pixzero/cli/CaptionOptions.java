package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.caption.Captioner;
import io.github.pix2pixzero.caption.EndpointCaptioner;
import io.github.pix2pixzero.caption.blip.BlipCaptioner;
import io.github.pix2pixzero.hub.Hub;
import io.github.pix2pixzero.hub.ModelName;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Who says what pictures show. */
final class CaptionOptions {
  private static final String ENDPOINT = "endpoint";
  private static final String NONE = "none";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--captioner",
      order = 27,
      paramLabel = "DIR|NAME|endpoint|none",
      description =
          "Who says what a picture shows: BLIP in a folder, or by its name on huggingface.co, such"
              + " as Salesforce/blip-image-captioning-base; a language model; or nobody. Default:"
              + " BLIP if 'pull' or Python has downloaded it, else nobody.")
  private String captioner;

  @Option(
      names = "--caption-model",
      order = 27,
      paramLabel = "NAME",
      description = "With --captioner endpoint: a language model that sees, such as llava.")
  private String model;

  /**
   * Who looks at pictures.
   *
   * @param name as it is kept with what was made, without folders
   */
  record Looker(String name, Captioner captioner) {
    /** What a picture in a file shows, which is printed. */
    String said(Path file, BufferedImage picture, Optional<String> word, ComputingCommand printer)
        throws IOException {
      String caption = caption(picture, word);
      printer.say("%s shows: %s (says %s)".formatted(file, caption, name));
      return caption;
    }

    String caption(BufferedImage picture, Optional<String> word) throws IOException {
      try {
        return captioner.caption(picture, word);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while a picture was looked at");
      }
    }
  }

  /** Whether somebody is named who looks at pictures. */
  boolean isWanted() {
    return captioner != null && !captioner.equals(NONE);
  }

  boolean isEndpoint() {
    return ENDPOINT.equals(captioner);
  }

  void checkUsage() {
    if (isEndpoint() != (model != null)) {
      throw new ParameterException(
          command.commandLine(), "--captioner endpoint and --caption-model go together");
    }
  }

  /** Whether somebody looks: who was named, or BLIP. */
  boolean isThere() throws IOException {
    return who().isPresent();
  }

  private Optional<String> who() throws IOException {
    return captioner == null
        ? BlipCaptioner.cached(Hub.fromEnvironment()).map(ModelName::toString)
        : Optional.of(captioner).filter(name -> !name.equals(NONE));
  }

  /**
   * Who was named; if nobody was, BLIP where its weights are in the hub's cache already. Empty if
   * nobody looks.
   */
  Optional<Looker> open(EndpointOptions endpoints, Backend backend, CommandProgress progress)
      throws IOException {
    if (isEndpoint()) {
      return Optional.of(new Looker(model, new EndpointCaptioner(endpoints.of(model))));
    }
    Optional<String> blip = who();
    if (blip.isEmpty()) {
      return Optional.empty();
    }
    Path path = Path.of(blip.get());
    String name =
        Files.exists(path) ? String.valueOf(path.toAbsolutePath().getFileName()) : blip.get();
    return Optional.of(
        new Looker(name, BlipCaptioner.load(blip.get(), backend, progress.downloads())));
  }
}
