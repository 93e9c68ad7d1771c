package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.caption.Captioner;
import io.github.pix2pixzero.caption.EndpointCaptioner;
import io.github.pix2pixzero.caption.WordCaptioner;
import io.github.pix2pixzero.caption.blip.BlipCaptioner;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
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
      paramLabel = "DIR|endpoint|none",
      description =
          "Who says what a picture shows: BLIP in a folder, such as a download of"
              + " Salesforce/blip-image-captioning-base; a language model; or nobody. Default:"
              + " none.")
  private String captioner;

  @Option(
      names = "--caption-model",
      order = 27,
      paramLabel = "NAME",
      description = "With --captioner endpoint: a language model that sees, such as llava.")
  private String model;

  /** Whether pictures are looked at. */
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

  /** The captioner's name, without folders; null if there is none. */
  String name() {
    if (!isWanted()) {
      return null;
    }
    return isEndpoint() ? model : String.valueOf(Path.of(captioner).toAbsolutePath().getFileName());
  }

  Captioner open(EndpointOptions endpoints, Backend backend) throws IOException {
    if (!isWanted()) {
      return new WordCaptioner();
    }
    if (isEndpoint()) {
      return new EndpointCaptioner(endpoints.of(model));
    }
    Path folder = Path.of(captioner);
    if (!Files.isDirectory(folder)) {
      throw new FileNotFoundException("no such folder of a captioner: " + captioner);
    }
    return BlipCaptioner.load(ModelFolder.of(folder), backend);
  }

  /** What a captioner says of a picture in a file, which is printed. */
  static String said(
      Captioner captioner,
      Path file,
      BufferedImage picture,
      Optional<String> word,
      ModelCommand printer)
      throws IOException {
    String caption = caption(captioner, picture, word);
    printer.say(file + " shows: " + caption);
    return caption;
  }

  static String caption(Captioner captioner, BufferedImage picture, Optional<String> word)
      throws IOException {
    try {
      return captioner.caption(picture, word);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a picture was looked at");
    }
  }
}
