package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.function.IntFunction;

/**
 * A row of the table: one computation, and who does it.
 *
 * @param name such as {@code conv 3x3 320@64 forward}
 * @param reach the target for our time over libtorch's on two threads; NaN if there is none
 * @param gflop floating-point operations of one call, in units of 10⁹; 0 where that says little
 * @param contenders by name, {@link #OURS} first; each is made ready for a number of threads
 */
public record Kernel(
    String name,
    double reach,
    double gflop,
    ImmutableMap<String, IntFunction<Contender>> contenders) {

  /** Our contender; the others are peers. */
  public static final String OURS = "ours";

  private static final String PLAIN = "plain ";

  /** Whoever takes part: all, or ours alone. */
  ImmutableList<String> names(boolean peers) {
    return peers ? contenders.keySet().asList() : ImmutableList.of(OURS);
  }

  /** Whether it measures the plain loops, in a JVM without the incubator module. */
  boolean plain() {
    return name.startsWith(PLAIN);
  }

  /** The same on the plain loops, without peers. */
  static Kernel plain(Kernel kernel, IntFunction<Contender> ours) {
    return new Kernel(PLAIN + kernel.name, Double.NaN, kernel.gflop, ImmutableMap.of(OURS, ours));
  }
}
