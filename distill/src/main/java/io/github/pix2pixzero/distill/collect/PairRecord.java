package io.github.pix2pixzero.distill.collect;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * How a pair came about. Its file is written last: a pair with one is whole.
 *
 * @param id names its files
 * @param source where its picture comes from
 * @param sourceDigest SHA-256 of what tells the picture from others
 * @param heldOut whether it is kept from training
 * @param caption what the picture shows
 * @param targetCaption what the edited one should show; null if a direction said it
 * @param teacher the model
 * @param edit its options, by name
 * @param seconds that it took to make
 * @param scores numbers to choose pairs by, see {@link PairScores}
 * @param bytes sizes of its files, by folder
 * @param failed why there is no pair; null if there is one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PairRecord(
    @JsonProperty(required = true) String id,
    @JsonProperty(required = true) String source,
    @JsonProperty("source_sha256") String sourceDigest,
    @JsonProperty("held_out") boolean heldOut,
    String caption,
    @JsonProperty("target_caption") String targetCaption,
    String teacher,
    Map<String, String> edit,
    double seconds,
    Map<String, Double> scores,
    Map<String, Long> bytes,
    String failed) {

  /** Maps that are missing are empty. */
  public PairRecord {
    edit = edit == null ? ImmutableMap.of() : ImmutableMap.copyOf(edit);
    scores = scores == null ? ImmutableMap.of() : ImmutableMap.copyOf(scores);
    bytes = bytes == null ? ImmutableMap.of() : ImmutableMap.copyOf(bytes);
  }

  /** The same with the sizes of its files. */
  PairRecord withBytes(Map<String, Long> sizes) {
    return new PairRecord(
        id,
        source,
        sourceDigest,
        heldOut,
        caption,
        targetCaption,
        teacher,
        edit,
        seconds,
        scores,
        sizes,
        failed);
  }

  boolean hasFailed() {
    return failed != null;
  }
}
