package io.github.pix2pixzero.benchmarks;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What was measured of a {@link Kernel} on a number of threads, by all contenders in turn.
 *
 * @param kernel its name
 * @param date ISO 8601
 * @param command what the user typed
 * @param machine processor and cores
 * @param jdk virtual machine and version
 * @param load runnable tasks over the minute before; negative if unknown
 * @param libtorch version of the peer, whether it is that of Python, and its BLAS
 * @param device a GPU, and the type of its tensors; empty for the CPU
 * @param times milliseconds a call in each iteration, by contender
 */
public record KernelResult(
    String kernel,
    int threads,
    String date,
    String command,
    String machine,
    String jdk,
    double load,
    String libtorch,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) String device,
    Map<String, List<Double>> times) {

  public KernelResult {
    device = requireNonNullElse(device, ""); // older results do not say
  }

  /** Whether this takes the place of a result that was stored before. */
  boolean replaces(KernelResult old) {
    return old.kernel.equals(kernel)
        && old.threads == threads
        && old.machine.equals(machine)
        && old.device.equals(device);
  }

  /** The middle of a contender's times, in milliseconds; NaN if it did not take part. */
  double median(String contender) {
    List<Double> sorted = times.getOrDefault(contender, List.of()).stream().sorted().toList();
    int n = sorted.size();
    return n == 0 ? Double.NaN : (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
  }

  double ours() {
    return median(Kernel.OURS);
  }

  /** The faster of libtorch's layouts, where it was given more than one; else NaN. */
  double libtorchTime() {
    return times.keySet().stream()
        .filter(name -> name.startsWith(Kernel.LIBTORCH))
        .mapToDouble(this::median)
        .min()
        .orElse(Double.NaN);
  }

  /** Our time over libtorch's; NaN without libtorch. */
  double ratio() {
    return ours() / libtorchTime();
  }

  /** What it was measured on and with, apart from the day. */
  String setting() {
    return "%s; %s; libtorch %s".formatted(machine, jdk, libtorch);
  }

  /** The contenders' times in one line. */
  String summary() {
    return "%s, %s: %s"
        .formatted(
            kernel,
            device.isEmpty() ? threads + " threads" : device,
            times.keySet().stream()
                .map(name -> name + " " + KernelTable.number(median(name)) + " ms")
                .collect(Collectors.joining(", ")));
  }
}
