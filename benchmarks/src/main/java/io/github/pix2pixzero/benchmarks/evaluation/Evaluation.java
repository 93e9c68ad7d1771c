package io.github.pix2pixzero.benchmarks.evaluation;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import io.github.pix2pixzero.Edit;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.guidance.Steering;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Makes every edit of an evaluation set, scores it, and keeps the results in a folder: {@code
 * ID.png}, {@code rows.json}, {@code options.txt} and {@code contact-sheet.png}. A run that was cut
 * off goes on where it stopped.
 */
public final class Evaluation {
  private static final String ROWS = "rows.json";
  private static final String OPTIONS = "options.txt";
  private static final String SHEET = "contact-sheet.png";
  private static final int INVERSIONS = 16;

  private final EvaluationOptions options;
  private final Pix2PixZero model;
  private final Map<String, EditDirection> directions = new HashMap<>();
  private final Cache<InversionKey, Inversion> inversions =
      CacheBuilder.newBuilder().maximumSize(INVERSIONS).build();

  private Evaluation(EvaluationOptions options, Pix2PixZero model) {
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

  /**
   * Runs the command.
   *
   * @param directory what relative paths are relative to
   * @param arguments what follows {@code evaluate}
   * @param out told one line an edit, and at the end one a kind and one for all
   * @return one a kind and one for all
   * @throws IllegalArgumentException if the arguments are not understood
   */
  public static List<Summary> run(Path directory, List<String> arguments, Consumer<String> out)
      throws IOException {
    EvaluationOptions options = EvaluationOptions.parse(directory, arguments);
    List<Scene> scenes = Scene.read(options.set());
    Files.createDirectories(options.out());
    claim(options);
    Backend backend = Backends.best(options.threads());
    Pix2PixZero model =
        options.model() == null
            ? Pix2PixZero.loadBundled(backend)
            : Pix2PixZero.load(options.model(), backend);
    List<Row> rows = new Evaluation(options, model).run(scenes, out);
    List<Summary> summaries = Summary.of(rows);
    summaries.forEach(summary -> out.accept(summary.line()));
    return summaries;
  }

  private List<Row> run(List<Scene> scenes, Consumer<String> out) throws IOException {
    Path file = options.out().resolve(ROWS);
    Map<String, Row> done = new LinkedHashMap<>();
    Row.read(file).forEach(row -> done.put(row.id(), row));
    List<Row> rows = new ArrayList<>();
    List<List<BufferedImage>> columns = new ArrayList<>();
    for (Scene scene : first(scenes, options.limit())) {
      Path result = options.out().resolve(scene.id() + ".png");
      Row row = done.get(scene.id());
      if (row == null || !Files.exists(result)) {
        row = edit(scene, result);
        done.put(row.id(), row);
        Row.write(List.copyOf(done.values()), file);
        out.accept(row.line());
      }
      rows.add(row);
      columns.add(
          List.of(
              scene.picture(options.set(), "source"),
              PictureFiles.read(result),
              scene.picture(options.set(), "target")));
    }
    ContactSheet.write(columns, options.out().resolve(SHEET));
    return rows;
  }

  private Row edit(Scene scene, Path result) throws IOException {
    BufferedImage source = scene.picture(options.set(), "source");
    EditOptions edit = editOptions(scene);
    InversionKey key = InversionKey.of(source, scene.caption());
    Inversion inversion = inversions.getIfPresent(key);
    double invertSeconds = 0;
    if (inversion == null) {
      inversion = model.invert(source, edit, ProgressListener.NONE);
      inversions.put(key, inversion);
      invertSeconds = seconds(inversion.time());
    }
    Edit made = model.edit(inversion, edit, ProgressListener.NONE);
    PictureFiles.write(made.image(), result);
    Map<String, BufferedImage> answers = new LinkedHashMap<>();
    for (String value : scene.values()) {
      answers.put(value, scene.answer(options.set(), value));
    }
    Measures measures =
        Measures.of(
            made.image(), source, scene.picture(options.set(), "mask"), scene.to(), answers);
    return Row.of(scene, measures, invertSeconds, seconds(made.time()));
  }

  /** The direction takes a while to make, and counts only where it steers. */
  private EditOptions editOptions(Scene scene) throws IOException {
    EditOptions captioned = captioned(scene).build();
    Steering steering = captioned.steering().orElseGet(captioned.method()::steering);
    return steering == Steering.CAPTION
        ? captioned
        : captioned(scene).direction(direction(scene.edit())).build();
  }

  private EditOptions.Builder captioned(Scene scene) {
    return options.apply().caption(scene.caption()).targetCaption(scene.targetCaption());
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

  /** Refuses a folder with results of other options, so that nothing is mixed. */
  private static void claim(EvaluationOptions options) throws IOException {
    String now =
        "set %s%nsentences %s%nmodel %s%n%s%n"
            .formatted(
                options.set().toAbsolutePath().normalize(),
                options.sentences().toAbsolutePath().normalize(),
                options.model() == null ? "bundled" : options.model().toAbsolutePath().normalize(),
                String.join("\n", options.editOptions()));
    Path file = options.out().resolve(OPTIONS);
    if (!Files.exists(file)) {
      AtomicFiles.write(file, out -> out.write(now.getBytes(StandardCharsets.UTF_8)));
    } else if (!Files.readString(file).equals(now)) {
      throw new IOException(
          "%s holds results of other options; they are in %s".formatted(options.out(), file));
    }
  }

  /** The first edits of every kind. */
  static List<Scene> first(List<Scene> scenes, int limit) {
    Map<String, Integer> seen = new HashMap<>();
    return scenes.stream()
        .filter(scene -> seen.merge(scene.edit(), 1, Integer::sum) <= limit)
        .collect(Collectors.toList());
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }
}
