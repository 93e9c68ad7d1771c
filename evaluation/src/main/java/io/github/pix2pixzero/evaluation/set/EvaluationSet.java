package io.github.pix2pixzero.evaluation.set;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Pictures and what is to be changed in them.
 *
 * @param layout how it lies on disk
 * @param folder where
 * @param samples in the order of the set
 */
public record EvaluationSet(Layout layout, Path folder, ImmutableList<Sample> samples) {

  /** How sets lie on disk. */
  public enum Layout {
    /** A folder as {@link PieBench} describes it. */
    PIE_BENCH,
    /** A folder as {@link ToyWorld} describes it. */
    TOY_WORLD,
    /** A table as {@link CsvTable} describes it. */
    CSV,
    /** Pictures of which nothing else is known; see {@link PictureFolder}. */
    PICTURES
  }

  public EvaluationSet(Layout layout, Path folder, List<? extends Sample> samples) {
    this(layout, folder, ImmutableList.copyOf(samples));
  }

  /**
   * Opens a set of whatever layout: by the file that only such sets have.
   *
   * @param path a folder, or a CSV file
   * @throws IOException if it is missing, malformed or has no samples
   */
  public static EvaluationSet open(Path path) throws IOException {
    EvaluationSet set;
    if (Files.isRegularFile(path)) {
      set = CsvTable.read(path);
    } else if (Files.exists(path.resolve(PieBench.MAPPING))) {
      set = PieBench.read(path);
    } else if (Files.exists(path.resolve(ToyWorld.SCENES))) {
      set = ToyWorld.read(path);
    } else if (Files.exists(path.resolve(CsvTable.NAME))) {
      set = CsvTable.read(path.resolve(CsvTable.NAME));
    } else {
      set = PictureFolder.read(path);
    }
    if (set.samples.isEmpty()) {
      throw new IOException(path + " has no samples");
    }
    return set;
  }

  /** The first samples of every kind. */
  public EvaluationSet first(int ofEachKind) {
    Map<String, Integer> seen = new HashMap<>();
    return new EvaluationSet(
        layout,
        folder,
        samples.stream()
            .filter(sample -> seen.merge(sample.kind(), 1, Integer::sum) <= ofEachKind)
            .collect(ImmutableList.toImmutableList()));
  }

  /**
   * The samples of all kinds but these.
   *
   * @throws IllegalArgumentException if there is none of a kind, or nothing is left
   */
  public EvaluationSet without(Set<String> kinds) {
    ImmutableSet<String> all =
        samples.stream().map(Sample::kind).collect(ImmutableSet.toImmutableSet());
    checkArgument(
        all.containsAll(kinds) && !kinds.containsAll(all),
        "%s has samples of the kinds %s, of which %s cannot be left out",
        folder,
        String.join(", ", all),
        String.join(", ", kinds));
    return new EvaluationSet(
        layout,
        folder,
        samples.stream()
            .filter(sample -> !kinds.contains(sample.kind()))
            .collect(ImmutableList.toImmutableList()));
  }
}
