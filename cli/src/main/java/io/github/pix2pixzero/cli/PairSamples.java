package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.distill.collect.PairFilter;
import io.github.pix2pixzero.distill.collect.PairFolder;
import io.github.pix2pixzero.evaluation.measure.Comparison.Texts;
import io.github.pix2pixzero.evaluation.measure.Region;
import io.github.pix2pixzero.evaluation.set.EvaluationSet;
import io.github.pix2pixzero.evaluation.set.EvaluationSet.Layout;
import io.github.pix2pixzero.evaluation.set.Sample;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The pairs of a folder that are kept from training, as a set to measure on. */
final class PairSamples {
  private static final String TRAINING = "train_A";
  private static final String HELD_OUT = "test_A";
  private static final String TEACHER = "test_B";

  private PairSamples() {}

  private record PairSample(PairFolder pairs, String id) implements Sample {
    @Override
    public String kind() {
      return "";
    }

    @Override
    public Path file() {
      return pairs.source(id);
    }

    @Override
    public Optional<Texts> texts() {
      return Optional.empty();
    }

    @Override
    public String resultName() {
      return id + ".png";
    }

    @Override
    public Optional<Region> region() throws IOException {
      Optional<Path> mask = pairs.mask(id);
      return mask.isPresent()
          ? Optional.of(Region.of(PictureFiles.read(mask.get())))
          : Optional.empty();
    }
  }

  /** Whether a folder is one of pairs. */
  static boolean isPairs(Path folder) {
    return Files.isDirectory(folder.resolve(TRAINING))
        || Files.isDirectory(folder.resolve(HELD_OUT));
  }

  /** What the teacher made of them, under the names of the set. */
  static Path teacher(Path folder) {
    return folder.resolve(TEACHER);
  }

  /**
   * @throws IOException if nothing is held out
   */
  static EvaluationSet read(Path folder) throws IOException {
    PairFolder pairs = PairFolder.open(folder, PairFilter.ALL);
    List<PairSample> samples =
        pairs.ids(true).stream().map(id -> new PairSample(pairs, id)).toList();
    if (samples.isEmpty()) {
      throw new IOException(
          folder + " holds no pair out from training: there is none in test_A and test_B");
    }
    return new EvaluationSet(Layout.PICTURES, folder, samples);
  }
}
