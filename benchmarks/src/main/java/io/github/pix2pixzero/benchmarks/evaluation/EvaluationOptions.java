package io.github.pix2pixzero.benchmarks.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.cli.SharedOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** What {@code ./benchmark evaluate} was asked for; edit options are those of the command line. */
@Command(
    name = "./benchmark evaluate",
    description = "Makes and scores the edits of an evaluation set.",
    sortOptions = false)
final class EvaluationOptions {
  private static final Set<String> OF_THE_RUN =
      Set.of("--sentences", "--out", "--model", "--threads", "--limit");

  @Parameters(paramLabel = "SET", description = "Folder with scenes.json and the pictures.")
  private Path set;

  @Option(
      names = "--sentences",
      required = true,
      paramLabel = "DIR",
      description = "Folder with EDIT-source.txt and EDIT-target.txt.")
  private Path sentences;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the results.")
  private Path out;

  @Option(
      names = "--model",
      paramLabel = "PATH",
      description = "Checkpoint instead of the bundled one.")
  private Path model;

  @Option(names = "--threads", paramLabel = "N", description = "Default: one a core.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--limit", paramLabel = "N", description = "The first N edits of every kind.")
  private int limit = Integer.MAX_VALUE;

  @Option(
      names = "--strength",
      paramLabel = "X",
      description = "How far the edit goes. Default: 1.")
  private double strength = 1;

  @Mixin private SharedOptions shared;

  private ImmutableList<String> editOptions;
  private Path directory;

  private EvaluationOptions() {}

  /**
   * @param directory what relative paths are relative to
   * @throws IllegalArgumentException saying what is wrong and what is understood
   */
  static EvaluationOptions parse(Path directory, List<String> arguments) {
    EvaluationOptions options = new EvaluationOptions();
    CommandLine line =
        new CommandLine(options)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOverwrittenOptionsAllowed(true);
    try {
      line.parseArgs(arguments.toArray(String[]::new));
    } catch (ParameterException e) {
      throw new IllegalArgumentException(e.getMessage() + "\n" + line.getUsageMessage(), e);
    }
    checkArgument(options.threads > 0 && options.limit > 0, "%s", line.getUsageMessage());
    options.directory = directory;
    options.editOptions =
        line.getParseResult().matchedOptions().stream()
            .filter(option -> !OF_THE_RUN.contains(option.longestName()))
            .map(option -> option.longestName() + " " + option.originalStringValues())
            .sorted()
            .collect(ImmutableList.toImmutableList());
    options.apply(); // what makes no sense is said now
    return options;
  }

  Path set() {
    return directory.resolve(set);
  }

  Path sentences() {
    return directory.resolve(sentences);
  }

  Path out() {
    return directory.resolve(out);
  }

  /** Null for the bundled one. */
  Path model() {
    return model == null ? null : directory.resolve(model);
  }

  int threads() {
    return threads;
  }

  int limit() {
    return limit;
  }

  /** The edit options that were given, with their values, in an order of their own. */
  ImmutableList<String> editOptions() {
    return editOptions;
  }

  /** New edit options, with those that were given. */
  EditOptions.Builder apply() {
    EditOptions.Builder options = EditOptions.builder().strength(strength);
    shared.applyTo(options);
    return options;
  }
}
