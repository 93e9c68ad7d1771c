package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.clip.ClipModel;
import io.github.pix2pixzero.distill.collect.PairScore;
import io.github.pix2pixzero.evaluation.network.ClipEmbeddings;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;

/**
 * How much nearer CLIP finds a result to the target caption: than its source is ({@code
 * clip_gain}), and than it is to the source's caption ({@code clip_margin}). Differences of
 * cosines.
 */
record ClipGain(ClipEmbeddings clip) implements PairScore {
  static final String GAIN = "clip_gain";
  static final String MARGIN = "clip_margin";

  /**
   * @throws IOException if a file is missing or malformed
   */
  static ClipGain load(Path folder, Backend backend) throws IOException {
    return new ClipGain(
        new ClipEmbeddings(ClipModel.load(ModelFolder.of(folder), backend), backend));
  }

  @Override
  public ImmutableMap<String, Double> of(Judged pair) {
    return pair.targetCaption()
        .map(
            target -> {
              double edited = clip.cosine(pair.edited(), target);
              return ImmutableMap.of(
                  GAIN, edited - clip.cosine(pair.source(), target),
                  MARGIN, edited - clip.cosine(pair.edited(), pair.caption()));
            })
        .orElse(ImmutableMap.of());
  }
}
