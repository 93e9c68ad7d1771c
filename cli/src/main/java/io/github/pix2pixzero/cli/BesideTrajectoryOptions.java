package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.guidance.StepWindow;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What only the default method has. */
final class BesideTrajectoryOptions {
  @Option(
      names = "--contrast",
      order = 24,
      paramLabel = "X",
      description = "How strongly the edit is set off from the picture as it is. Default: 1.")
  private Double contrast;

  @Option(
      names = "--guidance-steps",
      order = 24,
      paramLabel = "FROM..TO",
      description =
          "In which share of the steps the structure is kept, 0 being the noise. Default: 0.25..1.")
  private String guidanceSteps;

  @Option(
      names = "--hold-background",
      order = 24,
      negatable = true,
      description = "Whether what the edit has no business with is held. Default: it is.")
  private Boolean holdBackground;

  @Option(
      names = "--make-room",
      order = 24,
      negatable = true,
      description = "Whether room is made for words that are added to the caption. Default: it is.")
  private Boolean makeRoom;

  @Option(
      names = "--deep-every",
      order = 24,
      paramLabel = "N",
      description =
          "Every N steps the whole network predicts, in the others its finest level: faster."
              + " Default: 2.")
  private Integer deepEvery;

  List<String> given() {
    List<String> names = new ArrayList<>();
    if (contrast != null) {
      names.add("--contrast");
    }
    if (guidanceSteps != null) {
      names.add("--guidance-steps");
    }
    if (holdBackground != null) {
      names.add(holdBackground ? "--hold-background" : "--no-hold-background");
    }
    if (makeRoom != null) {
      names.add(makeRoom ? "--make-room" : "--no-make-room");
    }
    if (deepEvery != null) {
      names.add("--deep-every");
    }
    return names;
  }

  BesideTrajectory applyTo(BesideTrajectory method) {
    BesideTrajectory result = method;
    if (contrast != null) {
      result = result.withContrast(contrast);
    }
    if (guidanceSteps != null) {
      result = result.withGuidanceSteps(StepWindow.parse(guidanceSteps));
    }
    if (holdBackground != null) {
      result = result.withHoldBackground(holdBackground);
    }
    if (makeRoom != null) {
      result = result.withMakeRoom(makeRoom);
    }
    if (deepEvery != null) {
      result = result.withDeepEvery(deepEvery);
    }
    return result;
  }
}
