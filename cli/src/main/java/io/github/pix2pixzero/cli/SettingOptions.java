package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Steering;
import io.github.pix2pixzero.guidance.GradientMode;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** How an edit is done. */
final class SettingOptions {
  private static final double USUAL_THRESHOLD = 0.3;

  @Option(
      names = "--published",
      order = 19,
      description = "Start from the options of the published code, not from the better ones.")
  private boolean published;

  @Option(
      names = "--caption",
      order = 20,
      paramLabel = "TEXT",
      description = "What the picture shows. Default: a photo of the --from word, else empty.")
  private String caption;

  @Option(
      names = "--target-caption",
      order = 20,
      paramLabel = "TEXT",
      description = "What it should show. Default: the caption with the word replaced.")
  private String targetCaption;

  @Option(
      names = "--negative-prompt",
      order = 21,
      paramLabel = "TEXT",
      description = "What to lead away from. Default: nothing; if --published, the caption.")
  private String negativePrompt;

  @Option(
      names = "--steps",
      order = 22,
      paramLabel = "N",
      description = "Steps of the inversion, and of the edit. Default: 50.")
  private Integer steps;

  @Option(
      names = "--guidance-amount",
      order = 23,
      paramLabel = "X",
      description =
          "How strongly the structure is kept; 0: not at all. Default: 5; if --published, 0.1.")
  private Double guidanceAmount;

  @Option(
      names = "--guidance-scale",
      order = 24,
      paramLabel = "X",
      description =
          "How strongly the new text is followed; 1: plainly. Default: 3; if --published, 5.")
  private Double guidanceScale;

  @Option(
      names = "--contrast",
      order = 24,
      paramLabel = "X",
      description = "How strongly the edit is set off from the picture as it is. Default: 1.")
  private Double contrast;

  @Option(
      names = "--steering",
      order = 24,
      paramLabel = "caption|direction",
      description =
          "Whether the edit follows the target caption or the sentences' direction. Default:"
              + " caption, where there is one.")
  private Steering steering;

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

  @Option(
      names = "--no-hold",
      order = 24,
      description = "Let all of the picture change, hold nothing outside a mask.")
  private boolean free;

  @Option(
      names = "--no-room",
      order = 24,
      description = "Keep the structure also where words are added to the caption.")
  private boolean noRoom;

  @Option(
      names = "--gradient",
      order = 25,
      paramLabel = "full|reference",
      description = "Gradient that keeps the structure, if --published. Default: reference.")
  private GradientMode gradient;

  @Option(
      names = "--seed",
      order = 26,
      paramLabel = "N",
      description = "Start of the random numbers. Default: 0.")
  private Long seed;

  boolean hasCaption() {
    return caption != null;
  }

  boolean hasTargetCaption() {
    return targetCaption != null;
  }

  void checkUsage(ModelCommand command) {
    command.require(gradient == null || published, "--gradient goes with --published");
    command.require(
        targetCaption == null || !published,
        "--target-caption does not go with --published, which follows directions");
    boolean masked = mask != null || !maskWords.isEmpty();
    command.require(
        !published || !(masked || free || noRoom || contrast != null),
        "--mask, --mask-word, --no-hold, --no-room and --contrast do not go with --published");
    command.require(!free || !masked, "--no-hold does not go with a mask");
    command.require(mask == null || maskWords.isEmpty(), "--mask does not go with --mask-word");
    command.require(
        maskThreshold == null || !maskWords.isEmpty(), "--mask-threshold goes with --mask-word");
  }

  /** Adds what has to be read. */
  void addFiles(EditOptions.Builder options) throws IOException {
    if (mask != null) {
      options.mask(PictureFiles.read(mask));
    }
  }

  /** Options with the defaults asked for. */
  EditOptions.Builder builder() {
    return published ? EditOptions.published() : EditOptions.builder();
  }

  void addTo(EditOptions.Builder options) {
    if (caption != null) {
      options.caption(caption);
    }
    if (targetCaption != null) {
      options.targetCaption(targetCaption);
    }
    if (negativePrompt != null) {
      options.negativePrompt(negativePrompt);
    }
    if (steps != null) {
      options.steps(steps);
    }
    if (guidanceAmount != null) {
      options.guidanceAmount(guidanceAmount);
    }
    if (guidanceScale != null) {
      options.guidanceScale(guidanceScale);
    }
    if (contrast != null) {
      options.contrast(contrast);
    }
    if (steering != null) {
      options.steering(steering);
    }
    if (!maskWords.isEmpty()) {
      options.maskWords(
          maskThreshold == null ? USUAL_THRESHOLD : maskThreshold,
          maskWords.toArray(String[]::new));
    }
    if (free) {
      options.holdBackground(false);
    }
    if (noRoom) {
      options.makeRoom(false);
    }
    if (gradient != null) {
      options.gradientMode(gradient);
    }
    if (seed != null) {
      options.seed(seed);
    }
  }
}
