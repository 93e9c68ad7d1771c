package io.github.pix2pixzero.evaluation;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.LearnedWord;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.evaluation.measure.Comparison.Texts;
import io.github.pix2pixzero.evaluation.set.Sample;
import io.github.pix2pixzero.guidance.Steering;
import io.github.pix2pixzero.stablediffusion.ModelIdentity;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Edits by a method of this project: each picture with its caption and its target caption. A method
 * that is steered by a direction gets that of the sentences of the sample's kind, or, where there
 * are none, that from the one caption to the other.
 */
public final class ModelEditor implements Editor {
  private static final int INVERSIONS = 4;

  private final String name;
  private final String settings;
  private final Pix2PixZero model;
  private final Options options;
  private final Path sentences;
  private final Map<String, EditDirection> directions = new HashMap<>();
  private final Cache<InversionKey, Inversion> inversions =
      CacheBuilder.newBuilder().maximumSize(INVERSIONS).build();

  /** The options of an edit, but for captions and direction. */
  @FunctionalInterface
  public interface Options {
    /** New options for a sample. */
    EditOptions.Builder of(Sample sample) throws IOException;
  }

  /**
   * @param settings what the results depend on beside the model and the sentences
   * @param options of each edit; what an inversion depends on is the same for all
   * @param sentences folder with {@code KIND-source.txt} and {@code KIND-target.txt}; null for none
   * @throws IOException if they cannot be read
   */
  public ModelEditor(
      String name, String settings, Pix2PixZero model, Options options, Path sentences)
      throws IOException {
    this.name = name;
    this.settings =
        sentences == null
            ? settings
            : "sentences %s, %s".formatted(Fingerprint.ofTexts(sentences), settings);
    this.model = model;
    this.options = options;
    this.sentences = sentences;
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
    return name;
  }

  @Override
  public String settings() {
    ClipTokenizer tokenizer = model.model().tokenizer();
    List<String> words = tokenizer.learnedWords().stream().map(LearnedWord::token).toList();
    ModelIdentity identity = model.model().identity(words); // which of them are used is not known
    String reads =
        (identity.reading().isEmpty() ? "" : ", words " + identity.reading())
            + (tokenizer.readsWeights() ? ", weights of words" : "");
    return "model %s, %s%s, %s".formatted(identity, Fingerprint.of(identity), reads, settings);
  }

  @Override
  public Edited edit(Sample sample, BufferedImage source) throws IOException {
    Texts texts =
        sample
            .texts()
            .orElseThrow(
                () -> new IOException("the set does not say what to make of " + sample.id()));
    EditOptions edit = editOptions(sample, texts);
    InversionKey key = InversionKey.of(source, texts.source());
    Inversion inversion = inversions.getIfPresent(key);
    Duration inverting = Duration.ZERO;
    if (inversion == null) {
      inversion = model.prepare(source, edit, ProgressListener.NONE);
      inversions.put(key, inversion);
      inverting = inversion.time();
    }
    return new Edited(model.edit(inversion, edit, ProgressListener.NONE).image(), inverting);
  }

  /** The direction takes a while to make, and counts only where it steers. */
  private EditOptions editOptions(Sample sample, Texts texts) throws IOException {
    EditOptions captioned = captioned(sample, texts).build();
    Steering steering = captioned.steering().orElseGet(captioned.method()::steering);
    return steering == Steering.CAPTION
        ? captioned
        : captioned(sample, texts).direction(direction(sample.kind(), texts)).build();
  }

  private EditOptions.Builder captioned(Sample sample, Texts texts) throws IOException {
    return options.of(sample).caption(texts.source()).targetCaption(texts.target());
  }

  private EditDirection direction(String kind, Texts texts) throws IOException {
    if (sentences == null) {
      return model.direction(List.of(texts.source()), List.of(texts.target()));
    }
    EditDirection direction = directions.get(kind);
    if (direction == null) {
      direction =
          model.direction(
              SentenceBank.read(sentences.resolve(kind + "-source.txt")),
              SentenceBank.read(sentences.resolve(kind + "-target.txt")));
      directions.put(kind, direction);
    }
    return direction;
  }
}
