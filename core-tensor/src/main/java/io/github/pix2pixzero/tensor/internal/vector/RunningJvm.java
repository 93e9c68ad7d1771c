package io.github.pix2pixzero.tensor.internal.vector;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.function.Function;

/**
 * What decides whether a JVM turns the Vector API into vector instructions. Only HotSpot's C2 does:
 * elsewhere each operation on a vector is a call that allocates, a thousand times slower than a
 * loop. The signs are those that Lucene's {@code VectorizationProvider} reads.
 *
 * @param name the property {@code java.vm.name}
 * @param info the property {@code java.vm.info}
 * @param option values of HotSpot's options; empty for options it does not know
 */
record RunningJvm(String name, String info, Function<String, Optional<String>> option) {
  private static final int C2_LEVEL = 4;

  /** The JVM that runs this. */
  static RunningJvm get() {
    return new RunningJvm(
        System.getProperty("java.vm.name", ""),
        System.getProperty("java.vm.info", ""),
        RunningJvm::hotSpotOption);
  }

  private static Optional<String> hotSpotOption(String name) {
    try {
      HotSpotDiagnosticMXBean hotSpot =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return hotSpot == null ? Optional.empty() : Optional.of(hotSpot.getVMOption(name).getValue());
    } catch (IllegalArgumentException | LinkageError e) { // another option, or another runtime
      return Optional.empty();
    }
  }

  /** Why the Vector API is slow here; empty if it is not. */
  Optional<String> withoutC2() {
    if (!name.contains("HotSpot") && !name.contains("OpenJDK")) {
      return Optional.of(name + " is not HotSpot");
    }
    if (info.contains("interpreted")) {
      return Optional.of("this JVM only interprets (-Xint)");
    }
    if (name.contains("Client VM") || info.contains("emulated-client")) {
      return Optional.of("this is a client VM, which lacks C2 (-XX:TieredStopAtLevel=1 makes one)");
    }
    if (is("UseJVMCICompiler", "true")) {
      return Optional.of(
          "a JVMCI compiler takes the place of C2 (-XX:-UseJVMCICompiler ends that)");
    }
    if (is("UseCompiler", "false")) {
      return Optional.of("the compilers are off");
    }
    if (!is("TieredCompilation", "false")
        && option.apply("TieredStopAtLevel").map(Integer::parseInt).orElse(C2_LEVEL) < C2_LEVEL) {
      return Optional.of("C2 is off (-XX:TieredStopAtLevel)");
    }
    return Optional.empty();
  }

  private boolean is(String name, String value) {
    return option.apply(name).filter(value::equals).isPresent();
  }
}
