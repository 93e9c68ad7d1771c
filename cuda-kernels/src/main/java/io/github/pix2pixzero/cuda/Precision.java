package io.github.pix2pixzero.cuda;

import java.util.Arrays;
import java.util.Locale;

/**
 * What the factors of matrix products and convolutions are rounded to; sums are float32 always, and
 * so is all that is stored.
 */
public enum Precision {
  /** Not rounded: results are those of float32 arithmetic. */
  FLOAT32("f32", 75),
  /** 10 bits of mantissa, the range of float32; on tensor cores. */
  TF32("tf32", 80),
  /** 10 bits of mantissa, up to 65504; on tensor cores. */
  FLOAT16("f16", 75),
  /** 7 bits of mantissa, the range of float32; on tensor cores. */
  BFLOAT16("bf16", 80);

  private final String suffix;
  private final int capability;

  Precision(String suffix, int capability) {
    this.suffix = suffix;
    this.capability = capability;
  }

  /** How the kernels of this precision are called. */
  String suffix() {
    return suffix;
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
        "there is no precision named %s; there are %s".formatted(name, Arrays.toString(values())));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
