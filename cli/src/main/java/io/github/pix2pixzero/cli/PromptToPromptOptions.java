package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.guidance.BlendWords;
import io.github.pix2pixzero.guidance.LocalBlend;
import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.guidance.PromptToPrompt.Alignment;
import io.github.pix2pixzero.guidance.PromptToPrompt.Maps;
import io.github.pix2pixzero.guidance.PromptToPrompt.Reference;
import io.github.pix2pixzero.guidance.StepWindow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** What only Prompt-to-Prompt has. A word is WORD, or WORD:2 where only the second is meant. */
final class PromptToPromptOptions {
  @Option(
      names = "--cross-steps",
      order = 25,
      paramLabel = "X",
      description =
          "Prompt-to-Prompt: share of the steps in which words look where they looked, or a window"
              + " such as 0.1..0.8. Default: 0.8.")
  private String crossSteps;

  @Option(
      names = "--cross-steps-of",
      order = 25,
      paramLabel = "WORD=X",
      description = "The same for a word of the target caption. Repeatable.")
  private Map<String, String> crossStepsOf = new LinkedHashMap<>();

  @Option(
      names = "--self-steps",
      order = 25,
      paramLabel = "X",
      description =
          "Prompt-to-Prompt: share of the steps in which the layout is kept, or a window. Default:"
              + " 0.4.")
  private String selfSteps;

  @Option(
      names = "--self-downscale",
      order = 25,
      paramLabel = "N",
      description =
          "Prompt-to-Prompt: the finest layers whose layout is kept, in latent pixels a token along"
              + " each axis: 1, 2, 4, ... Default: 4.")
  private Integer selfDownscale;

  @Option(
      names = "--blend",
      order = 25,
      split = ",",
      paramLabel = "WORD",
      description =
          "Prompt-to-Prompt: change only where these words of either caption look. Default:"
              + " everywhere.")
  private List<String> blend = List.of();

  @Option(
      names = "--blend-without",
      order = 25,
      split = ",",
      paramLabel = "WORD",
      description = "And not where these words look.")
  private List<String> blendWithout = List.of();

  @Option(
      names = "--blend-threshold",
      order = 25,
      paramLabel = "X",
      description = "How strongly they look there, from 0 to 1. Default: 0.3.")
  private Double blendThreshold;

  @Option(
      names = "--reweight",
      order = 25,
      paramLabel = "WORD=X",
      description =
          "Prompt-to-Prompt: make a word of the target caption so much stronger. Repeatable.")
  private Map<String, Double> reweight = new LinkedHashMap<>();

  @Option(
      names = "--maps",
      order = 25,
      paramLabel = "KIND",
      description =
          "Prompt-to-Prompt: replace, refine or in-place. Default: by-captions, refine where words"
              + " are added, else replace.")
  private Maps maps;

  @Option(
      names = "--alignment",
      order = 25,
      paramLabel = "KIND",
      description =
          "Prompt-to-Prompt: which words correspond, by common-tokens (the default) or published.")
  private Alignment alignment;

  @Option(
      names = "--reference",
      order = 25,
      paramLabel = "KIND",
      description =
          "Prompt-to-Prompt: what the picture is meanwhile: its trajectory (the default), a"
              + " reconstruction, or null-text.")
  private Reference reference;

  List<String> given() {
    List<String> names = new ArrayList<>();
    add(names, "--cross-steps", crossSteps != null);
    add(names, "--cross-steps-of", !crossStepsOf.isEmpty());
    add(names, "--self-steps", selfSteps != null);
    add(names, "--self-downscale", selfDownscale != null);
    add(names, "--blend", !blend.isEmpty());
    add(names, "--blend-without", !blendWithout.isEmpty());
    add(names, "--blend-threshold", blendThreshold != null);
    add(names, "--reweight", !reweight.isEmpty());
    add(names, "--maps", maps != null);
    add(names, "--alignment", alignment != null);
    add(names, "--reference", reference != null);
    return names;
  }

  private static void add(List<String> names, String name, boolean given) {
    if (given) {
      names.add(name);
    }
  }

  PromptToPrompt applyTo(PromptToPrompt method) {
    PromptToPrompt result = method;
    if (crossSteps != null) {
      result = result.withCrossSteps(StepWindow.parse(crossSteps));
    }
    if (!crossStepsOf.isEmpty()) {
      Map<String, StepWindow> windows = new LinkedHashMap<>();
      crossStepsOf.forEach((word, window) -> windows.put(word, StepWindow.parse(window)));
      result = result.withCrossStepsOf(windows);
    }
    if (selfSteps != null) {
      result = result.withSelfSteps(StepWindow.parse(selfSteps));
    }
    if (selfDownscale != null) {
      result = result.withSelfDownscale(selfDownscale);
    }
    if (!reweight.isEmpty()) {
      result = result.withReweight(reweight);
    }
    if (maps != null) {
      result = result.withMaps(maps);
    }
    if (alignment != null) {
      result = result.withAlignment(alignment);
    }
    if (reference != null) {
      result = result.withReference(reference);
    }
    return blended(result);
  }

  private PromptToPrompt blended(PromptToPrompt method) {
    if (blend.isEmpty()) {
      String alone =
          given().stream().filter(name -> name.startsWith("--blend")).collect(Collectors.joining());
      if (!alone.isEmpty()) {
        throw new IllegalArgumentException(alone + " goes with --blend");
      }
      return method;
    }
    LocalBlend local = LocalBlend.of(BlendWords.of(blend));
    if (!blendWithout.isEmpty()) {
      local = local.without(BlendWords.of(blendWithout));
    }
    return method.withBlend(blendThreshold == null ? local : local.withThreshold(blendThreshold));
  }
}
