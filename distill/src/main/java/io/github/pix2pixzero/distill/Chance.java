package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * What a {@link ComodStudent} is fed beside the picture.
 *
 * @param styles of the mapping network, [batch, width] each, one for each of {@link
 *     ComodConfig#styles}; empty where there is none
 * @param noise a picture [batch, size, size, 1] by the names of layers, such as {@code 8.up};
 *     layers that are missing have none
 * @param keep factors of the global code, [batch, globalWidth]; null for 1 throughout
 */
record Chance(List<Tensor> styles, Map<String, Tensor> noise, Tensor keep) {
  /** Without any. */
  static final Chance NONE = new Chance(List.of(), Map.of(), null);
}
