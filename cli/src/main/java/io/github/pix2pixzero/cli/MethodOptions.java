package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.guidance.EditMethod;
import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.guidance.Published;
import io.github.pix2pixzero.guidance.SdEdit;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** By which method a picture is edited, and how that is set. */
public final class MethodOptions {
  private static final ImmutableSet<String> NAMES =
      ImmutableSet.of(BesideTrajectory.NAME, Published.NAME, PromptToPrompt.NAME, SdEdit.NAME);

  @Option(
      names = "--method",
      order = 19,
      paramLabel = "NAME",
      description =
          "How the picture is edited: beside-trajectory (the default), published,"
              + " prompt-to-prompt or sdedit.")
  private String method;

  @Option(
      names = "--published",
      order = 19,
      description = "Short for --method published: as the authors' code does it.")
  private boolean published;

  @Option(
      names = {"--guidance-scale", "--cfg-scale"},
      order = 23,
      paramLabel = "X",
      description =
          "How strongly the new text is followed; 1: plainly. Default: 3; published 5,"
              + " prompt-to-prompt and sdedit 7.5.")
  private Double guidanceScale;

  @Option(
      names = "--guidance-amount",
      order = 23,
      paramLabel = "X",
      description =
          "How strongly the structure is kept; 0: not at all. Default: 10; published 0.1.")
  private Double guidanceAmount;

  @Mixin private BesideTrajectoryOptions besideTrajectory;

  @Mixin private PublishedOptions publishedOptions;

  @Mixin private PromptToPromptOptions promptToPrompt;

  @Option(
      names = "--noise-strength",
      order = 25,
      paramLabel = "X",
      description =
          "With sdedit: how much noise is added, and which share of the steps is taken; what img2img"
              + " calls strength. Above 0 to 1. Default: 0.8.")
  private Double noiseStrength;

  /**
   * The method that was asked for.
   *
   * @throws IllegalArgumentException if there is none of that name, or options are of another one
   */
  public EditMethod method() {
    String name = published ? Published.NAME : method == null ? BesideTrajectory.NAME : method;
    check(!published || method == null, "--published does not go with --method");
    check(
        NAMES.contains(name),
        "there is no method %s; there are %s".formatted(name, String.join(", ", NAMES)));
    checkOwn(name, BesideTrajectory.NAME, besideTrajectory.given());
    checkOwn(name, Published.NAME, publishedOptions.given());
    checkOwn(name, PromptToPrompt.NAME, promptToPrompt.given());
    checkOwn(name, SdEdit.NAME, noiseStrength == null ? List.of() : List.of("--noise-strength"));
    return switch (name) {
      case Published.NAME -> publishedMethod();
      case PromptToPrompt.NAME -> promptToPromptMethod();
      case SdEdit.NAME -> sdEdit();
      default -> besideTrajectoryMethod();
    };
  }

  private BesideTrajectory besideTrajectoryMethod() {
    BesideTrajectory result = BesideTrajectory.DEFAULTS;
    if (guidanceScale != null) {
      result = result.withGuidanceScale(guidanceScale);
    }
    if (guidanceAmount != null) {
      result = result.withGuidanceAmount(guidanceAmount);
    }
    return besideTrajectory.applyTo(result);
  }

  private Published publishedMethod() {
    Published result = Published.DEFAULTS;
    if (guidanceScale != null) {
      result = result.withGuidanceScale(guidanceScale);
    }
    if (guidanceAmount != null) {
      result = result.withGuidanceAmount(guidanceAmount);
    }
    return publishedOptions.applyTo(result);
  }

  private PromptToPrompt promptToPromptMethod() {
    checkNoGuidanceAmount(PromptToPrompt.NAME);
    PromptToPrompt result = PromptToPrompt.DEFAULTS;
    if (guidanceScale != null) {
      result = result.withGuidanceScale(guidanceScale);
    }
    return promptToPrompt.applyTo(result);
  }

  private SdEdit sdEdit() {
    checkNoGuidanceAmount(SdEdit.NAME);
    SdEdit result = SdEdit.DEFAULTS;
    if (guidanceScale != null) {
      result = result.withGuidanceScale(guidanceScale);
    }
    return noiseStrength == null ? result : result.withNoiseStrength(noiseStrength);
  }

  private void checkNoGuidanceAmount(String name) {
    check(guidanceAmount == null, "--guidance-amount does not go with --method " + name);
  }

  private static void checkOwn(String name, String owner, List<String> given) {
    check(
        given.isEmpty() || name.equals(owner),
        "%s goes with --method %s".formatted(String.join(" and ", given), owner));
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
