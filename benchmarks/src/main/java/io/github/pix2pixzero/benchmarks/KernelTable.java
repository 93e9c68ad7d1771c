package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.Multimaps;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The stored results in Markdown: our times beside libtorch's, held against the targets. */
final class KernelTable {
  private static final String NONE = "–";

  /** GFLOP/s that the plain loops are to reach in a matrix product on one core. */
  private static final int PLAIN_REACH = 15;

  private final List<KernelResult> results;
  private final List<String> runs = new ArrayList<>();

  private KernelTable(List<KernelResult> results) {
    this.results = results;
  }

  /**
   * A table for each machine, as times of one say nothing beside those of another. Rows are in the
   * order of {@code kernels}; those without a result are left out.
   */
  static String of(List<Kernel> kernels, List<KernelResult> results) {
    ImmutableListMultimap<String, KernelResult> machines =
        Multimaps.index(results, KernelResult::machine);
    return machines.keySet().stream()
        .map(
            machine ->
                (machines.keySet().size() == 1 ? "" : "### " + machine + "\n\n")
                    + ofMachine(kernels, machines.get(machine)))
        .collect(Collectors.joining("\n"));
  }

  private static String ofMachine(List<Kernel> kernels, List<KernelResult> results) {
    KernelTable table = new KernelTable(results);
    String rows = table.compared(kernels) + table.plain(kernels) + table.ejml();
    StringBuilder settings = new StringBuilder();
    for (int i = 0; i < table.runs.size(); i++) {
      settings.append("- run %s: %s\n".formatted(i + 1, table.runs.get(i)));
    }
    return settings + "\n" + rows;
  }

  private String compared(List<Kernel> kernels) {
    StringBuilder table = new StringBuilder();
    table.append("| 2 threads | ours | libtorch | ratio | reach | met | GFLOP/s |");
    table.append(" 1 thread: ours | libtorch | ratio | run |\n");
    table.append("|---|--:|--:|--:|--:|---|--:|--:|--:|--:|---|\n");
    int rows = 0;
    int targets = 0;
    int met = 0;
    for (Kernel kernel : kernels) {
      Optional<KernelResult> two = find(kernel, 2);
      Optional<KernelResult> one = find(kernel, 1);
      if (kernel.plain() || (two.isEmpty() && one.isEmpty())) {
        continue;
      }
      rows++;
      double ratio = two.map(KernelResult::ratio).orElse(Double.NaN);
      boolean judged = !Double.isNaN(ratio) && !Double.isNaN(kernel.reach());
      targets += judged ? 1 : 0;
      met += judged && ratio <= kernel.reach() ? 1 : 0;
      table.append(
          "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n"
              .formatted(
                  kernel.name(),
                  number(two.map(KernelResult::ours).orElse(Double.NaN)),
                  number(two.map(KernelResult::libtorchTime).orElse(Double.NaN)),
                  number(ratio),
                  Double.isNaN(kernel.reach()) ? NONE : "≤ " + kernel.reach(),
                  judged ? verdict(ratio, kernel.reach()) : NONE,
                  two.map(result -> gflops(kernel, result)).orElse(NONE),
                  number(one.map(KernelResult::ours).orElse(Double.NaN)),
                  number(one.map(KernelResult::libtorchTime).orElse(Double.NaN)),
                  number(one.map(KernelResult::ratio).orElse(Double.NaN)),
                  run(two, one)));
    }
    return rows == 0
        ? ""
        : "Times are milliseconds a call. %s of %s targets are met.\n\n%s\n"
            .formatted(met, targets, table);
  }

  private String plain(List<Kernel> kernels) {
    StringBuilder table = new StringBuilder();
    for (Kernel kernel : kernels) {
      Optional<KernelResult> one = find(kernel, 1);
      if (kernel.plain() && one.isPresent()) {
        double rate = kernel.gflop() / one.get().ours() * 1e3;
        table.append(
            "| %s | %s | %s | ≥ %s | %s | %s |\n"
                .formatted(
                    kernel.name(),
                    number(one.get().ours()),
                    number(rate),
                    PLAIN_REACH,
                    rate >= PLAIN_REACH ? "yes" : "no",
                    run(one)));
      }
    }
    return table.isEmpty()
        ? ""
        : "| without the incubator module, 1 thread | ours | GFLOP/s | reach | met | run |\n"
            + "|---|--:|--:|--:|---|---|\n"
            + table
            + "\n";
  }

  private String ejml() {
    StringBuilder lines = new StringBuilder();
    for (KernelResult result : results) {
      double time = result.median("EJML");
      if (!Double.isNaN(time)) {
        lines.append(
            "EJML: %s on %s threads in %s ms, ours %s ms.\n"
                .formatted(result.kernel(), result.threads(), number(time), number(result.ours())));
      }
    }
    return lines.toString();
  }

  private Optional<KernelResult> find(Kernel kernel, int threads) {
    return results.stream()
        .filter(result -> result.kernel().equals(kernel.name()) && result.threads() == threads)
        .findFirst();
  }

  /** The numbers of the runs that these came from. */
  @SafeVarargs
  private String run(Optional<KernelResult>... parts) {
    List<String> numbers = new ArrayList<>();
    for (Optional<KernelResult> part : parts) {
      if (part.isPresent()) {
        KernelResult result = part.get();
        String setting =
            "`%s`, %s; %s".formatted(result.command(), result.date(), result.setting());
        if (!runs.contains(setting)) {
          runs.add(setting);
        }
        String number = Integer.toString(runs.indexOf(setting) + 1);
        if (!numbers.contains(number)) {
          numbers.add(number);
        }
      }
    }
    return String.join(", ", numbers);
  }

  private static String gflops(Kernel kernel, KernelResult result) {
    return kernel.gflop() == 0 ? NONE : number(kernel.gflop() / result.ours() * 1e3);
  }

  private static String verdict(double ratio, double reach) {
    return ratio <= reach
        ? "yes"
        : "no, %s %% over".formatted(Math.round(100 * (ratio / reach - 1)));
  }

  /** Three significant digits without an exponent. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return NONE;
    }
    int decimals = value <= 0 ? 0 : Math.max(0, 2 - (int) Math.floor(Math.log10(value)));
    return String.format(Locale.ROOT, "%." + Math.min(decimals, 6) + "f", value);
  }
}
