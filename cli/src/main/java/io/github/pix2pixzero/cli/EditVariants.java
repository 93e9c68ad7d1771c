package io.github.pix2pixzero.cli;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.MoreFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code edit} is to write: of every source, each direction in each strength.
 *
 * @param bySource the pictures to write, in the order of their sources
 */
record EditVariants(ImmutableListMultimap<Path, Variant> bySource) {

  /** A picture to write, and how it differs from the others of one inversion. */
  record Variant(Path target, Path direction, double strength) {
    String name() {
      return MoreFiles.getNameWithoutExtension(target);
    }
  }

  /**
   * @param output where the only picture goes
   * @param folder where pictures go instead, named after their sources
   * @throws IllegalArgumentException if two pictures are one file
   */
  static EditVariants of(
      List<Path> sources, Path output, Path folder, List<Path> directions, List<Double> strengths) {
    ImmutableListMultimap.Builder<Path, Variant> all = ImmutableListMultimap.builder();
    Map<Path, Path> sourceOf = new HashMap<>();
    for (Path source : sources) {
      String name = MoreFiles.getNameWithoutExtension(source);
      for (Variant variant : variants(name, output, folder, directions, strengths)) {
        Path target = variant.target();
        Path other = sourceOf.put(target, source);
        checkArgument(other == null, "%s and %s would both become %s", other, source, target);
        all.put(source, variant);
      }
    }
    return new EditVariants(all.build());
  }

  /** Names say of what there are several. */
  private static List<Variant> variants(
      String name, Path output, Path folder, List<Path> directions, List<Double> strengths) {
    List<Variant> variants = new ArrayList<>();
    for (Path direction :
        directions.isEmpty() ? Collections.<Path>singletonList(null) : directions) {
      for (double strength : strengths) {
        String full =
            name
                + (directions.size() > 1 ? "-" + MoreFiles.getNameWithoutExtension(direction) : "")
                + (strengths.size() > 1 ? "-strength-" + strength : "");
        Path target = folder == null ? output : folder.resolve(full + ".png");
        variants.add(new Variant(target, direction, strength));
      }
    }
    return variants;
  }

  ImmutableSet<Path> sources() {
    return bySource.keySet();
  }

  ImmutableCollection<Variant> all() {
    return bySource.values();
  }

  ImmutableList<Variant> of(Path source) {
    return bySource.get(source);
  }
}
