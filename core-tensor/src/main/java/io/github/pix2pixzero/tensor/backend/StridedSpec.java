package io.github.pix2pixzero.tensor.backend;

import java.util.Arrays;

/**
 * A walk over {@code shape} in two storages at once: element (i₀, i₁, …) lies at {@code
 * sourceOffset + Σ iₖ · sourceStrides[k]} of the source and likewise of the target. Strides may be
 * 0 or negative in the source.
 */
public record StridedSpec(
    int[] shape, int sourceOffset, int[] sourceStrides, int targetOffset, int[] targetStrides) {

  @Override
  public String toString() {
    return "%s: %s + %s -> %s + %s"
        .formatted(
            Arrays.toString(shape),
            sourceOffset,
            Arrays.toString(sourceStrides),
            targetOffset,
            Arrays.toString(targetStrides));
  }
}
