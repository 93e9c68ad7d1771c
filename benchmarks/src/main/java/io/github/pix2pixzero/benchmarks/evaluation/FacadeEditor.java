package io.github.pix2pixzero.benchmarks.evaluation;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.Steering;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.evaluation.Editor;
import io.github.pix2pixzero.evaluation.measure.Comparison.Texts;
import io.github.pix2pixzero.evaluation.set.Sample;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Edits scenes of the toy world with the options that were given. */
final class FacadeEditor implements Editor {
  private static final int INVERSIONS = 16;

  private final EvaluationOptions options;
  private final Pix2PixZero model;
  private final Map<String, EditDirection> directions = new HashMap<>();
  private final Cache<InversionKey, Inversion> inversions =
      CacheBuilder.newBuilder().maximumSize(INVERSIONS).build();

  FacadeEditor(EvaluationOptions options, Pix2PixZero model) {
    this.options = options;
    this.model = model;
  }

  /** What an inversion depends on within one run: the rest of the options is the same for all. */
  private record InversionKey(ImmutableList<Integer> pixels, int width, String caption) {
    static InversionKey of(BufferedImage picture, String caption) {
      int width = picture.getWidth();
      int[] rgb = picture.getRGB(0, 0, width, picture.getHeight(), null, 0, width);
      return new InversionKey(ImmutableList.copyOf(Ints.asList(rgb)), width, caption);
    }
  }

  @Override
  public String name() {
    return "edit";
  }

  @Override
  public String settings() {
    return "model %s, sentences %s, options %s"
        .formatted(
            options.model() == null ? "bundled" : options.model().toAbsolutePath().normalize(),
            options.sentences().toAbsolutePath().normalize(),
            options.edit().entrySet().stream()
                .map(option -> (option.getKey() + " " + option.getValue()).strip())
                .collect(Collectors.joining(" ")));
  }

  @Override
  public BufferedImage edit(Sample sample, BufferedImage source) throws IOException {
    EditOptions edit = editOptions(sample);
    InversionKey key = InversionKey.of(source, texts(sample).source());
    Inversion inversion = inversions.getIfPresent(key);
    if (inversion == null) {
      inversion = model.invert(source, edit, ProgressListener.NONE);
      inversions.put(key, inversion);
    }
    return model.edit(inversion, edit, ProgressListener.NONE).image();
  }

  /** The direction takes a while to make, and counts only where it steers. */
  private EditOptions editOptions(Sample sample) throws IOException {
    EditOptions captioned = captioned(sample).build();
    return captioned.steering() == Steering.CAPTION
        ? captioned
        : captioned(sample).direction(direction(sample.kind())).build();
  }

  private EditOptions.Builder captioned(Sample sample) {
    Texts texts = texts(sample);
    return options.apply().caption(texts.source()).targetCaption(texts.target());
  }

  private static Texts texts(Sample sample) {
    return sample.texts().orElseThrow();
  }

  private EditDirection direction(String edit) throws IOException {
    EditDirection direction = directions.get(edit);
    if (direction == null) {
      direction =
          model.direction(
              SentenceBank.read(options.sentences().resolve(edit + "-source.txt")),
              SentenceBank.read(options.sentences().resolve(edit + "-target.txt")));
      directions.put(edit, direction);
    }
    return direction;
  }
}
