package io.github.pix2pixzero.server.internal.jobs;

import com.google.common.collect.ImmutableList;
import java.awt.image.BufferedImage;
import java.util.Optional;

/**
 * What a job has made.
 *
 * @param outputs pictures
 * @param source the picture that was edited, of the size of the outputs
 * @param inversion the id of the inversion that was made or used, while it is kept
 * @param reused whether that inversion was there already
 * @param understood what the pictures show, in words
 */
public record JobResult(
    ImmutableList<Output> outputs,
    Optional<BufferedImage> source,
    Optional<String> inversion,
    boolean reused,
    String understood) {

  long bytes() {
    long sum = source.map(Output::size).orElse(0L);
    for (Output output : outputs) {
      sum += Output.size(output.image());
    }
    return sum;
  }
}
