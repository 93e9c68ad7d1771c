package io.github.pix2pixzero.benchmarks;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Random;

/** The extents a kernel's name gives, and numbers to fill them with. */
public final class Sizes {

  private Sizes() {}

  /**
   * Reads extents such as {@code 4096x320x2560}.
   *
   * @throws IllegalArgumentException if there are not {@code count} of them
   */
  public static int[] parse(String text, int count) {
    int[] extents = Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
    checkArgument(extents.length == count, "%s should name %s extents", text, count);
    return extents;
  }

  /** The number of elements. */
  public static int product(int... extents) {
    return Arrays.stream(extents).reduce(1, Math::multiplyExact);
  }

  /** Standard normal numbers, the same for the same seed. */
  public static float[] normal(int size, long seed) {
    Random random = new Random(seed);
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }
}
