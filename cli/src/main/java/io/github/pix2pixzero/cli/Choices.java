package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.github.pix2pixzero.guidance.GradientMode;
import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.guidance.Quality;
import io.github.pix2pixzero.guidance.Steering;
import io.github.pix2pixzero.inversion.PredictionType;
import io.github.pix2pixzero.inversion.TimestepSpacing;
import io.github.pix2pixzero.picture.PictureFit;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The words that an option takes, in any case, with hyphens or as configs write them. */
final class Choices<E> implements ITypeConverter<E> {
  private final ImmutableMap<String, E> values;

  private Choices(E[] values, Function<E, String> word) {
    this.values = Maps.uniqueIndex(Arrays.asList(values), word::apply);
  }

  /** Teaches a command line, and what commands it has now, the words of all enums in options. */
  static CommandLine register(CommandLine line) {
    register(line, Quality.class);
    register(line, Steering.class);
    register(line, GradientMode.class);
    register(line, PromptToPrompt.Maps.class);
    register(line, PromptToPrompt.Alignment.class);
    register(line, PromptToPrompt.Reference.class);
    register(line, PictureFit.Policy.class);
    return line.registerConverter(
            PredictionType.class,
            new Choices<>(PredictionType.values(), PredictionType::configName))
        .registerConverter(
            TimestepSpacing.class,
            new Choices<>(TimestepSpacing.values(), TimestepSpacing::configName));
  }

  private static <E extends Enum<E>> void register(CommandLine line, Class<E> type) {
    line.registerConverter(
        type, new Choices<>(type.getEnumConstants(), value -> hyphened(value.name())));
  }

  private static String hyphened(String word) {
    return word.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public E convert(String text) {
    return values.entrySet().stream()
        .filter(choice -> hyphened(choice.getKey()).equals(hyphened(text)))
        .findFirst()
        .orElseThrow(
            () -> new TypeConversionException("expected %s, not %s".formatted(anyOf(), text)))
        .getValue();
  }

  private String anyOf() {
    ImmutableList<String> all = values.keySet().asList();
    int last = all.size() - 1;
    return String.join(", ", all.subList(0, last)) + " or " + all.get(last);
  }
}
