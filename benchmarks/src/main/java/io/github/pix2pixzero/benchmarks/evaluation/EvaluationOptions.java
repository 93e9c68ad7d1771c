package io.github.pix2pixzero.benchmarks.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.cli.SharedOptions;
import io.github.pix2pixzero.evaluation.measure.Comparison.Texts;
import io.github.pix2pixzero.evaluation.measure.Region;
import io.github.pix2pixzero.evaluation.set.Sample;
import io.github.pix2pixzero.guidance.BlendWords;
import io.github.pix2pixzero.guidance.EditMethod;
import io.github.pix2pixzero.guidance.LocalBlend;
import io.github.pix2pixzero.guidance.PromptToPrompt;
import java.awt.image.BufferedImage;
import java.io.IOException;
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
      Set.of("--sentences", "--out", "--model", "--threads", "--limit", "--without-kind");

  private static final Set<String> ARTICLES = Set.of("a", "an", "the");

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
      names = "--without-kind",
      paramLabel = "KIND",
      split = ",",
      description = "Leaves out kinds of edit, such as one that a method cannot do.")
  private Set<String> withoutKinds = Set.of();

  @Option(
      names = "--strength",
      paramLabel = "X",
      description = "How far the edit goes. Default: 1.")
  private double strength = 1;

  @Option(
      names = "--told",
      paramLabel = "mask|answer",
      description =
          "What an edit cannot know, to see what the model could do: the right mask; or the right"
              + " answer itself, which is inverted and reconstructed.")
  private Told told = Told.NOTHING;

  @Option(
      names = "--blend-swapped",
      description =
          "Prompt-to-Prompt with local blend: the picture changes where the words look that only"
              + " one of the captions has.")
  private boolean blendSwapped;

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
    EditMethod method = options.apply().build().method(); // what makes no sense is said now
    checkArgument(
        !options.blendSwapped || method instanceof PromptToPrompt,
        "--blend-swapped is for --method %s",
        PromptToPrompt.NAME);
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

  Set<String> withoutKinds() {
    return withoutKinds;
  }

  /** What edits know beside the picture and its captions. */
  enum Told {
    NOTHING,
    MASK,
    ANSWER
  }

  boolean toldTheAnswer() {
    return told == Told.ANSWER;
  }

  /** The edit options that were given, with their values, in an order of their own. */
  ImmutableList<String> editOptions() {
    return editOptions;
  }

  /** New edit options, with those that were given. */
  private EditOptions.Builder apply() {
    EditOptions.Builder options = EditOptions.builder().strength(strength);
    shared.applyTo(options);
    return options;
  }

  /**
   * New options for the edit of a sample, with those that were given.
   *
   * @throws IOException if the mask is wanted and cannot be read
   */
  EditOptions.Builder of(Sample sample) throws IOException {
    EditOptions.Builder options = apply();
    if (told == Told.MASK && sample.region().isPresent()) {
      options.mask(picture(sample.region().get()));
    }
    if (blendSwapped) {
      PromptToPrompt method = (PromptToPrompt) options.build().method();
      options.method(method.withBlend(LocalBlend.of(swapped(sample.texts().orElseThrow()))));
    }
    return options;
  }

  private static BufferedImage picture(Region region) {
    BufferedImage picture =
        new BufferedImage(region.width(), region.height(), BufferedImage.TYPE_BYTE_GRAY);
    boolean[] inside = region.inside();
    for (int i = 0; i < inside.length; i++) {
      picture.getRaster().setSample(i % region.width(), i / region.width(), 0, inside[i] ? 255 : 0);
    }
    return picture;
  }

  /** Words that one of the captions has and the other has not, but articles. */
  static BlendWords swapped(Texts texts) {
    ImmutableSet<String> source = words(texts.source());
    ImmutableSet<String> target = words(texts.target());
    return BlendWords.of(Sets.difference(Sets.symmetricDifference(source, target), ARTICLES));
  }

  private static ImmutableSet<String> words(String caption) {
    return ImmutableSet.copyOf(Splitter.on(' ').split(caption));
  }
}
