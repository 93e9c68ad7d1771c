package io.github.pix2pixzero.distill;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a training may have besides pairs.
 *
 * @param features by which answers are compared with targets, where {@link LossWeights#features}
 *     says so
 * @param start another student whose weights it begins with, a folder or a file; of the same form
 */
public record TrainingAids(Optional<TeacherFeatures> features, Optional<Path> start) {
  /** Pairs alone. */
  public static final TrainingAids NONE = new TrainingAids(Optional.empty(), Optional.empty());
}
