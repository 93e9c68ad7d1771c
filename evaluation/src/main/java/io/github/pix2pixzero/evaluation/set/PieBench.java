package io.github.pix2pixzero.evaluation.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.evaluation.measure.Comparison.Texts;
import io.github.pix2pixzero.evaluation.measure.Region;
import io.github.pix2pixzero.evaluation.set.EvaluationSet.Layout;
import io.github.pix2pixzero.tensor.io.ForeignJson;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * PIE-Bench (Ju et al., "PnP Inversion: Boosting Diffusion-based Editing with 3 Lines of Code",
 * ICLR 2024): 700 pictures of 512 × 512 below {@code annotation_images}, and {@code
 * mapping_file.json}, which has of each the prompts, the type of edit and the mask. Read as
 * PnPInversion's {@code evaluate.py} does.
 */
public final class PieBench {
  /** Describes the set. */
  public static final String MAPPING = "mapping_file.json";

  /** Holds the pictures, and in a method's folder the results. */
  static final String PICTURES = "annotation_images";

  /** The side of every picture, in pixels. */
  public static final int SIZE = 512;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final ImmutableList<String> TYPES =
      ImmutableList.of(
          "random",
          "change object",
          "add object",
          "delete object",
          "change content",
          "change pose",
          "change colour",
          "change material",
          "change background",
          "change style");

  private PieBench() {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Entry(
      @JsonProperty(value = "image_path", required = true) String picture,
      @JsonProperty(value = "original_prompt", required = true) String source,
      @JsonProperty(value = "editing_prompt", required = true) String target,
      @JsonProperty(value = "editing_type_id", required = true) int type,
      @JsonProperty(required = true) int[] mask) {}

  private record PieSample(
      String id, String kind, Path file, Optional<Texts> texts, String resultName, int[] runs)
      implements Sample {

    @Override
    public Optional<Region> region() {
      return Optional.of(mask(runs));
    }

    /** Of results beside what they were made of, the one at the right and bottom. */
    @Override
    public BufferedImage result(BufferedImage file) {
      int width = file.getWidth();
      int height = file.getHeight();
      return width == height || Math.min(width, height) < SIZE
          ? file
          : file.getSubimage(width - SIZE, height - SIZE, SIZE, SIZE);
    }
  }

  /**
   * Reads a set.
   *
   * @param folder with {@value #MAPPING}
   * @throws IOException if it has none, or it is malformed
   */
  public static EvaluationSet read(Path folder) throws IOException {
    Path file = folder.resolve(MAPPING);
    Map<String, Entry> entries;
    try {
      entries =
          ForeignJson.read(
              () ->
                  JSON.readValue(
                      Files.readAllBytes(file), new TypeReference<Map<String, Entry>>() {}));
    } catch (NoSuchFileException e) {
      throw new IOException(folder + " is not PIE-Bench: it has no " + MAPPING, e);
    } catch (JacksonException e) {
      throw new IOException(file + ": " + e.getOriginalMessage(), e);
    }
    ImmutableList.Builder<Sample> samples = ImmutableList.builder();
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      samples.add(sample(folder, file, entry.getKey(), entry.getValue()));
    }
    return new EvaluationSet(Layout.PIE_BENCH, folder, samples.build());
  }

  private static Sample sample(Path folder, Path file, String id, Entry entry) throws IOException {
    if (entry.type < 0 || entry.type >= TYPES.size()) {
      throw new IOException(
          "%s: editing_type_id of %s is %s, expected 0 to %s"
              .formatted(file, id, entry.type, TYPES.size() - 1));
    }
    if (entry.mask.length % 2 != 0 || Arrays.stream(entry.mask).anyMatch(run -> run < 0)) {
      throw new IOException(
          "%s: the mask of %s should be pairs of a start and a length".formatted(file, id));
    }
    if (Path.of(entry.picture).isAbsolute() || entry.picture.contains("..")) {
      throw new IOException(
          "%s: image_path of %s is %s, expected one below %s"
              .formatted(file, id, entry.picture, PICTURES));
    }
    return new PieSample(
        id,
        entry.type + " " + TYPES.get(entry.type),
        folder.resolve(PICTURES).resolve(entry.picture),
        Optional.of(new Texts(withoutBrackets(entry.source), withoutBrackets(entry.target))),
        entry.picture,
        entry.mask);
  }

  /** Words that differ are in brackets. */
  private static String withoutBrackets(String prompt) {
    return CharMatcher.anyOf("[]").removeFrom(prompt);
  }

  /**
   * A mask of {@value #SIZE} × {@value #SIZE}. The outermost rows and columns are always edited: so
   * PIE-Bench mends its annotations.
   *
   * @param runs start and length of every run of edited pixels, row by row; what goes past the end
   *     is cut
   */
  static Region mask(int... runs) {
    boolean[] edited = new boolean[SIZE * SIZE];
    for (int i = 0; i + 1 < runs.length; i += 2) {
      int start = Math.min(runs[i], edited.length);
      Arrays.fill(edited, start, start + Math.min(runs[i + 1], edited.length - start), true);
    }
    for (int i = 0; i < SIZE; i++) {
      edited[i] = true;
      edited[(SIZE - 1) * SIZE + i] = true;
      edited[i * SIZE] = true;
      edited[i * SIZE + SIZE - 1] = true;
    }
    return new Region(SIZE, SIZE, edited);
  }
}
