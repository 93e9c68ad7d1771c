package io.github.pix2pixzero.benchmarks;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a measurement was taken on.
 *
 * @param cpu its model, as the operating system names it, with family and model, as the name that
 *     clouds give to generations of processors is often the same; and that it was held to AVX2 or
 *     MKL was told that it is Intel's, which makes another machine of it
 * @param cores processors the JVM may use
 * @param jdk virtual machine and version
 * @param load runnable tasks over the last minute; negative if unknown. Above a few tenths, others
 *     were using the machine.
 */
public record Machine(String cpu, int cores, String jdk, double load) {
  /** The library that makes MKL take the processor for Intel's, or null. */
  static final String INTEL_MKL = System.getProperty("benchmark.intel.mkl");

  public static Machine current() {
    return new Machine(
        cpuModel(Path.of("/proc/cpuinfo")).orElse(System.getProperty("os.arch"))
            + (isHeldToAvx2() ? ", held to AVX2" : "")
            + (INTEL_MKL == null ? "" : ", MKL as on Intel"),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  /** Whether this JVM takes the processor for one without AVX-512. */
  static boolean isHeldToAvx2() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().contains("-XX:UseAVX=2");
  }

  /** Of a file such as {@code /proc/cpuinfo}. */
  static Optional<String> cpuModel(Path cpuinfo) {
    List<String> lines;
    try {
      lines = Files.readAllLines(cpuinfo);
    } catch (IOException e) {
      return Optional.empty(); // not Linux
    }
    Optional<String> numbers =
        field(lines, "cpu family")
            .flatMap(
                family ->
                    field(lines, "model")
                        .map(model -> " (family %s, model %s)".formatted(family, model)));
    return field(lines, "model name").map(name -> name + numbers.orElse(""));
  }

  private static Optional<String> field(List<String> lines, String name) {
    return lines.stream()
        .map(line -> Splitter.on(':').limit(2).trimResults().splitToList(line))
        .filter(field -> field.size() == 2 && field.get(0).equals(name))
        .map(field -> field.get(1))
        .findFirst();
  }

  /** A Markdown list, with a warning if others kept all processors busy. */
  public String toMarkdown() {
    String list =
        "- machine: %s, %s cores%s\n- JDK: %s\n"
            .formatted(
                cpu,
                cores,
                load < 0 ? "" : String.format(Locale.ROOT, "; load before the run %.1f", load),
                jdk);
    return load < cores
        ? list
        : list + "- **The machine was busy: the times below cannot be relied on.**\n";
  }
}
