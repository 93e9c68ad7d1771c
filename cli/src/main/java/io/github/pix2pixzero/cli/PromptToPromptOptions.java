package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.guidance.PromptToPrompt;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What only Prompt-to-Prompt has. */
final class PromptToPromptOptions {
  @Option(
      names = "--cross-steps",
      order = 25,
      paramLabel = "X",
      description =
          "Prompt-to-Prompt: share of the steps in which words look where they looked. Default:"
              + " 0.8.")
  private Double crossSteps;

  @Option(
      names = "--self-steps",
      order = 25,
      paramLabel = "X",
      description =
          "Prompt-to-Prompt: share of the steps in which the layout is kept. Default: 0.4.")
  private Double selfSteps;

  List<String> given() {
    List<String> names = new ArrayList<>();
    if (crossSteps != null) {
      names.add("--cross-steps");
    }
    if (selfSteps != null) {
      names.add("--self-steps");
    }
    return names;
  }

  PromptToPrompt applyTo(PromptToPrompt method) {
    PromptToPrompt result = method;
    if (crossSteps != null) {
      result = result.withCrossSteps(crossSteps);
    }
    if (selfSteps != null) {
      result = result.withSelfSteps(selfSteps);
    }
    return result;
  }
}
