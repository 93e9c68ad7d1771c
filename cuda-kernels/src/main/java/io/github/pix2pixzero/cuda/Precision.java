package io.github.pix2pixzero.cuda;

import com.google.common.base.Joiner;
import java.util.Locale;

/**
 * How tensors are stored, and what the factors of matrix products and convolutions are rounded to.
 * Sums, statistics and what optimisers train are float32 always.
 */
public enum Precision {
  /** Stored and multiplied in float32. */
  FLOAT32("f32", ElementType.FLOAT32, 75),
  /** Stored in float32; factors have 10 bits of mantissa: tensor cores. */
  TF32("tf32", ElementType.FLOAT32, 80),
  /** 10 bits of mantissa, up to 65504; on tensor cores, in half of the memory. */
  FLOAT16("f16", ElementType.FLOAT16, 75),
  /** 7 bits of mantissa, the range of float32; on tensor cores, in half of the memory. */
  BFLOAT16("bf16", ElementType.BFLOAT16, 80);

  private final String suffix;
  private final ElementType elements;
  private final int capability;

  Precision(String suffix, ElementType elements, int capability) {
    this.suffix = suffix;
    this.elements = elements;
    this.capability = capability;
  }

  /** How the modules of products are called that have this precision. */
  String suffix() {
    return suffix;
  }

  /** What tensors are stored as. */
  ElementType elements() {
    return elements;
  }

  /** The least compute capability that has it, 80 for 8.0. */
  int capability() {
    return capability;
  }

  /**
   * The precision of a name such as {@code float16}.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  static Precision named(String name) {
    for (Precision precision : values()) {
      if (precision.toString().equals(name)) {
        return precision;
      }
    }
    throw new IllegalArgumentException(
        "there is no precision named %s; there are %s"
            .formatted(name, Joiner.on(", ").join(values())));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
