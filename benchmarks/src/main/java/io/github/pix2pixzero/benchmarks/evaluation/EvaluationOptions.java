package io.github.pix2pixzero.benchmarks.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.ReferenceMode;
import io.github.pix2pixzero.Steering;
import io.github.pix2pixzero.guidance.GradientMode;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * What {@code ./benchmark evaluate} was asked for.
 *
 * @param set folder with {@code scenes.json} and the pictures
 * @param sentences folder with {@code EDIT-source.txt} and {@code EDIT-target.txt}
 * @param out folder for the results
 * @param model checkpoint; null for the bundled one
 * @param threads to compute on
 * @param limit edits of a kind
 * @param edit names and values of the edit options that were given, by name
 */
record EvaluationOptions(
    Path set,
    Path sentences,
    Path out,
    Path model,
    int threads,
    int limit,
    ImmutableMap<String, String> edit) {

  static final String USAGE =
      """
      ./benchmark evaluate EVALSET_DIR --sentences DIR --out DIR [OPTION...]
        --model DIR     a checkpoint instead of the bundled model
        --threads N     default: one a core
        --limit N       the first N edits of every kind
      edit options, without which the defaults of the library hold:
        --published     those of the published code; before the others
        %s
      """;

  private static final String PUBLISHED = "--published";

  private static final ImmutableMap<String, Boolean> YES_OR_NO =
      ImmutableMap.of("yes", true, "no", false);

  private static final ImmutableMap<String, BiConsumer<EditOptions.Builder, String>> SETTERS =
      ImmutableMap.<String, BiConsumer<EditOptions.Builder, String>>builder()
          .put("--steps", (options, value) -> options.steps(Integer.parseInt(value)))
          .put("--seed", (options, value) -> options.seed(Long.parseLong(value)))
          .put("--guidance-scale", (options, value) -> options.guidanceScale(number(value)))
          .put("--guidance-amount", (options, value) -> options.guidanceAmount(number(value)))
          .put(
              "--gradient",
              (options, value) -> options.gradientMode(constant(GradientMode.class, value)))
          .put("--strength", (options, value) -> options.strength(number(value)))
          .put("--contrast", (options, value) -> options.contrast(number(value)))
          .put("--steering", (options, value) -> options.steering(constant(Steering.class, value)))
          .put(
              "--reference",
              (options, value) -> options.reference(constant(ReferenceMode.class, value)))
          .put(
              "--hold-background",
              (options, value) -> options.holdBackground(choice(value, YES_OR_NO)))
          .put("--make-room", (options, value) -> options.makeRoom(choice(value, YES_OR_NO)))
          .put("--negative-prompt", EditOptions.Builder::negativePrompt)
          .put(
              "--regularization",
              (options, value) ->
                  options.regularization(
                      choice(
                          value,
                          ImmutableMap.of(
                              "published", NoiseRegularization.PUBLISHED,
                              "none", NoiseRegularization.NONE))))
          .build();

  /**
   * @param directory what relative paths are relative to
   * @throws IllegalArgumentException saying what is wrong and what is understood
   */
  static EvaluationOptions parse(Path directory, Iterable<String> arguments) {
    Path set = null;
    Map<String, String> given = new TreeMap<>();
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      String argument = rest.next();
      if (!argument.startsWith("--")) {
        checkArgument(set == null, "one folder, not %s and %s\n%s", set, argument, usage());
        set = directory.resolve(argument);
      } else if (argument.equals(PUBLISHED)) {
        given.put(argument, "");
      } else {
        checkArgument(rest.hasNext(), "%s needs a value\n%s", argument, usage());
        given.put(argument, rest.next());
      }
    }
    checkArgument(
        set != null && given.containsKey("--sentences") && given.containsKey("--out"),
        "evaluate needs a folder, --sentences and --out\n%s",
        usage());
    String model = given.remove("--model");
    String threads = given.remove("--threads");
    String limit = given.remove("--limit");
    EvaluationOptions options =
        new EvaluationOptions(
            set,
            directory.resolve(given.remove("--sentences")),
            directory.resolve(given.remove("--out")),
            model == null ? null : directory.resolve(model),
            threads == null ? Runtime.getRuntime().availableProcessors() : positive(threads),
            limit == null ? Integer.MAX_VALUE : positive(limit),
            ImmutableMap.copyOf(given));
    options.apply();
    return options;
  }

  /** New edit options, with those that were given. */
  EditOptions.Builder apply() {
    EditOptions.Builder options =
        edit.containsKey(PUBLISHED) ? EditOptions.published() : EditOptions.builder();
    Maps.filterKeys(edit, name -> !name.equals(PUBLISHED))
        .forEach(
            (name, value) -> {
              BiConsumer<EditOptions.Builder, String> setter = SETTERS.get(name);
              checkArgument(setter != null, "there is no option %s\n%s", name, usage());
              try {
                setter.accept(options, value);
              } catch (NumberFormatException e) {
                throw new IllegalArgumentException(name + " takes a number, not " + value, e);
              }
            });
    return options;
  }

  private static String usage() {
    return USAGE.formatted(String.join(" X, ", SETTERS.keySet()) + " X");
  }

  private static double number(String value) {
    return Double.parseDouble(value);
  }

  private static int positive(String value) {
    int number = Integer.parseInt(value);
    checkArgument(number > 0, "%s should be at least 1", value);
    return number;
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String value) {
    return choice(
        value,
        Arrays.stream(type.getEnumConstants())
            .collect(
                ImmutableMap.toImmutableMap(
                    c -> c.name().toLowerCase(Locale.ROOT).replace('_', '-'), c -> c)));
  }

  private static <T> T choice(String value, Map<String, T> choices) {
    T chosen = choices.get(value);
    checkArgument(chosen != null, "%s should be one of %s", value, choices.keySet());
    return chosen;
  }
}
