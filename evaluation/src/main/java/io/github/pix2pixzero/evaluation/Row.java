package io.github.pix2pixzero.evaluation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The measures of one result.
 *
 * @param id of the sample
 * @param of which sample it is, whatever it is called: the beginning of a SHA-256 of its pictures,
 *     mask and words
 * @param kind of the sample; may be empty
 * @param method that made it
 * @param seconds how long that took, where it is known
 * @param invertSeconds of which for the inversion; 0 where another result had paid for it
 * @param measures by name, in the order of tables; null where a measure has no value, as that of a
 *     background where the mask is everything
 */
public record Row(
    String id,
    String of,
    String kind,
    String method,
    Double seconds,
    Double invertSeconds,
    Map<String, Double> measures) {

  public Row {
    measures = Collections.unmodifiableMap(new LinkedHashMap<>(measures));
  }

  /** A measure's value, if it has one. */
  public OptionalDouble value(String measure) {
    Double value = measures.get(measure);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
