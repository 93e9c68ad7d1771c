package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.picture.PngTexts;
import java.util.ArrayList;
import java.util.List;

/**
 * How a picture was made, in the text under {@code parameters} and in the form that the tools
 * around Stable Diffusion read: the prompt, the negative prompt, then a line of {@code Key: value}.
 */
final class MadeBy {
  private final String prompt;
  private final String negativePrompt;
  private final List<String> pairs = new ArrayList<>();

  MadeBy(String prompt, String negativePrompt) {
    this.prompt = prompt;
    this.negativePrompt = negativePrompt;
  }

  /** Adds a pair, unless the value is null. Values that would end the pair are quoted. */
  MadeBy add(String key, Object value) {
    if (value != null) {
      String text = value.toString().replace('\n', ' ');
      boolean plain = text.indexOf(',') < 0 && text.indexOf(':') < 0 && text.indexOf('"') < 0;
      pairs.add(
          key
              + ": "
              + (plain ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"'));
    }
    return this;
  }

  /** The texts to write into a PNG. */
  ImmutableMap<String, String> texts() {
    String negative = negativePrompt.isEmpty() ? "" : "\nNegative prompt: " + negativePrompt;
    return ImmutableMap.of(
        PngTexts.PARAMETERS, prompt + negative + "\n" + String.join(", ", pairs));
  }
}
