package io.github.pix2pixzero.distill.collect;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.GenerateOptions;
import io.github.pix2pixzero.Generation;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Pictures that the model draws itself, where there are no photographs. Their noise is known, so
 * that nothing has to be inverted.
 */
public final class DrawnPictures {
  private DrawnPictures() {}

  /**
   * Any number of pictures: the captions one after the other and again from the first, each with a
   * seed of its own.
   *
   * @param captions at least one
   * @param options how they are drawn; their seed is that of the first
   */
  public static Stream<SourcePicture> of(List<String> captions, GenerateOptions options) {
    checkArgument(!captions.isEmpty(), "there are no captions to draw pictures of");
    ImmutableList<String> all = ImmutableList.copyOf(captions);
    return Stream.iterate(0, i -> i + 1)
        .map(
            i ->
                new Drawn(
                    all.get(i % all.size()),
                    options.toBuilder().seed(options.seed() + i).attentionMaps(false).build()));
  }

  private record Drawn(String prompt, GenerateOptions options) implements SourcePicture {
    @Override
    public String name() {
      return "\"%s\", seed %s".formatted(prompt, options.seed());
    }

    @Override
    public byte[] identity() {
      return Stream.of(
              prompt,
              options.negativePrompt(),
              options.width(),
              options.height(),
              options.solver().title(),
              options.steps(),
              options.guidanceScale(),
              options.seed())
          .map(Object::toString)
          .collect(Collectors.joining("\n"))
          .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<String> caption() {
      return Optional.of(prompt);
    }

    @Override
    public Start start(Pix2PixZero model, EditOptions edit, ProgressListener progress) {
      Generation made = model.generate(prompt, options, progress);
      return new Start(made.image(), made.inversion());
    }
  }
}
