package io.github.pix2pixzero.benchmarks;

import java.util.List;

/** The stored results of a device in Markdown. */
final class DeviceTable {

  private DeviceTable() {}

  /** Rows in the order of {@code kernels}; those without a result are left out. */
  static String of(List<Kernel> kernels, List<KernelResult> results) {
    if (results.isEmpty()) {
      return "Nothing has been measured yet.\n";
    }
    StringBuilder table = new StringBuilder("| | device | ms a call | GFLOP/s | day |\n");
    table.append("|---|---|--:|--:|---|\n");
    for (Kernel kernel : kernels) {
      for (KernelResult result : results) {
        if (result.kernel().equals(kernel.name())) {
          double rate = kernel.gflop() == 0 ? Double.NaN : kernel.gflop() / result.ours() * 1e3;
          table.append(
              "| %s | %s | %s | %s | %s |\n"
                  .formatted(
                      kernel.name(),
                      result.device(),
                      KernelTable.number(result.ours()),
                      KernelTable.number(rate),
                      result.date()));
        }
      }
    }
    return table.toString();
  }
}
