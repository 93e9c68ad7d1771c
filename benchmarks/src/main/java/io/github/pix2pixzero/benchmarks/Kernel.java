package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A row of the table: one computation, and who does it.
 *
 * @param name such as {@code conv 3x3 320@64 forward}
 * @param reach the target for our time over libtorch's on two threads; NaN if there is none
 * @param gflop floating-point operations of one call, in units of 10⁹; 0 where that says little
 * @param ours our contender, made ready for a backend
 * @param peers the others by name, each made ready for a number of threads
 */
public record Kernel(
    String name,
    double reach,
    double gflop,
    Function<Backend, Contender> ours,
    ImmutableMap<String, IntFunction<Contender>> peers) {

  /** What our contender is called. */
  public static final String OURS = "ours";

  /** What PyTorch's are called, or begin with, where it is given another layout than its own. */
  static final String LIBTORCH = "libtorch";

  private static final String PLAIN = "plain ";

  /** Whoever takes part, ours first: all, or ours alone. */
  ImmutableList<String> names(boolean withPeers) {
    ImmutableList.Builder<String> names = ImmutableList.<String>builder().add(OURS);
    if (withPeers) {
      names.addAll(peers.keySet());
    }
    return names.build();
  }

  /**
   * A contender of the CPU.
   *
   * @param python the interpreter whose PyTorch stands in for the presets' libtorch; empty for none
   */
  Contender contender(String who, int threads, String python) {
    if (who.equals(OURS)) {
      return ours.apply(Backends.named(plain() ? "plain" : "vector", threads));
    }
    return who.startsWith(LIBTORCH) && !python.isEmpty()
        ? new PythonPeer(python, name, who.substring(LIBTORCH.length()).strip(), threads)
        : peers.get(who).apply(threads);
  }

  /** Whether it measures the plain loops, in a JVM without the incubator module. */
  boolean plain() {
    return name.startsWith(PLAIN);
  }

  /** The same on the plain loops, without peers. */
  static Kernel plain(Kernel kernel) {
    return new Kernel(
        PLAIN + kernel.name, Double.NaN, kernel.gflop, kernel.ours, ImmutableMap.of());
  }
}
