package io.github.pix2pixzero.benchmarks.evaluation;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.evaluation.Summary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What each part of the default options is worth: evaluations with one thing changed at a time, the
 * most telling first, every one in a folder of its own, so that a run that was cut off goes on.
 */
public final class Ablation {
  private static final String PROMPT_TO_PROMPT = "--method prompt-to-prompt";

  /** It swaps words in captions of equally many alone, which an oil painting's is not. */
  private static final String PUBLISHED_ALIGNMENT =
      " --alignment published --without-kind style-sketch-oil_painting";

  private static final String RECONSTRUCTION = " --reference reconstruction";
  private static final String NULL_TEXT = " --reference null-text";
  private static final String BLEND = " --blend-swapped";

  private static final ImmutableMap<String, String> VARIANTS =
      ImmutableMap.<String, String>builder()
          .put("default options", "")
          .put("draft", "--quality draft")
          .put("best", "--quality best")
          .put("without guidance", "--guidance-amount 0")
          .put("guided from the first step on", "--guidance-steps 0..1")
          .put("background not held", "--no-hold-background")
          .put("no room made for what is added", "--no-make-room")
          .put("without contrast", "--contrast 0")
          .put("inversion not regularised", "--regularization none")
          .put("the sentences' direction instead of the word swapped", "--steering direction")
          .put("the mask the answer's own", "--told mask")
          .put("the answer itself, inverted and reconstructed", "--told answer --steps 12")
          .put("guidance twice as strong", "--guidance-amount 20")
          .put("guidance half as strong", "--guidance-amount 5")
          .put("guidance scale 2", "--guidance-scale 2")
          .put("guidance scale 5", "--guidance-scale 5")
          .put("contrast alone", "--guidance-scale 1 --contrast 3")
          .put("as published", "--published")
          .put("as published, FULL", "--published --gradient full")
          .put("as published, without guidance", "--published --guidance-amount 0")
          .put("as published, the word swapped", "--published --steering caption")
          .put("as published, FULL, amount 1", "--published --gradient full --guidance-amount 1")
          .put("as published, without regularisation", "--published --regularization none")
          .put("Prompt-to-Prompt", PROMPT_TO_PROMPT)
          .put("Prompt-to-Prompt, local blend", PROMPT_TO_PROMPT + BLEND)
          .put("Prompt-to-Prompt, alignment as published", PROMPT_TO_PROMPT + PUBLISHED_ALIGNMENT)
          .put(
              "Prompt-to-Prompt, alignment as published, local blend",
              PROMPT_TO_PROMPT + PUBLISHED_ALIGNMENT + BLEND)
          .put("Prompt-to-Prompt, beside a reconstruction", PROMPT_TO_PROMPT + RECONSTRUCTION)
          .put(
              "Prompt-to-Prompt, beside a reconstruction, local blend",
              PROMPT_TO_PROMPT + RECONSTRUCTION + BLEND)
          .put("Prompt-to-Prompt, null-text inversion", PROMPT_TO_PROMPT + NULL_TEXT)
          .put(
              "Prompt-to-Prompt, null-text inversion, local blend",
              PROMPT_TO_PROMPT + NULL_TEXT + BLEND)
          .buildOrThrow();

  private Ablation() {}

  /**
   * Runs every variant.
   *
   * @param directory what relative paths are relative to
   * @param arguments as for {@link ToyEvaluation#run}, without edit options
   * @param out told what the evaluations tell
   * @param report given, after every variant, a table in Markdown of those that are done, and
   *     beneath it the default options by kind of edit
   */
  public static void run(
      Path directory, List<String> arguments, Consumer<String> out, Report report)
      throws IOException {
    Path folder = EvaluationOptions.parse(directory, arguments).out();
    StringBuilder table =
        new StringBuilder("\n| options | | n | success | truth | inside | bg |\n")
            .append("|---|---|--:|--:|--:|--:|--:|\n");
    String kinds = "";
    for (var variant : VARIANTS.entrySet()) {
      List<String> all = new ArrayList<>(arguments);
      all.addAll(Splitter.on(' ').omitEmptyStrings().splitToList(variant.getValue()));
      all.addAll(List.of("--out", folder.resolve(folderName(variant.getKey())).toString()));
      out.accept(variant.getKey());
      List<Summary> summaries = ToyEvaluation.run(directory, all, out);
      Summary overall = summaries.get(0);
      String options = variant.getValue().isEmpty() ? "" : "`" + variant.getValue() + "`";
      table.append(
          "| %s | %s | %s |\n".formatted(variant.getKey(), options, ToyEvaluation.cells(overall)));
      if (kinds.isEmpty()) {
        kinds = byKind(summaries);
      }
      report.write(table + "\n" + kinds);
    }
  }

  /** Where the table goes. */
  @FunctionalInterface
  public interface Report {
    void write(String markdown) throws IOException;
  }

  private static String folderName(String variant) {
    return CharMatcher.anyOf(" '").replaceFrom(CharMatcher.is(',').removeFrom(variant), '-');
  }

  private static String byKind(List<Summary> summaries) {
    StringBuilder table =
        new StringBuilder("| edit, default options | n | success | truth | inside | bg |\n")
            .append("|---|--:|--:|--:|--:|--:|\n");
    summaries.forEach(
        summary ->
            table.append("| %s | %s |\n".formatted(summary.kind(), ToyEvaluation.cells(summary))));
    return table.toString();
  }
}
