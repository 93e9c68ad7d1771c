package io.github.pix2pixzero.benchmarks;

import io.github.pix2pixzero.benchmarks.evaluation.Ablation;
import io.github.pix2pixzero.benchmarks.evaluation.Evaluation;
import io.github.pix2pixzero.benchmarks.fullsize.FullSize;
import io.github.pix2pixzero.benchmarks.libtorch.Libtorch;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.runner.RunnerException;

/**
 * The command line of {@code ./benchmark}, run in the repository's root. What the user typed is in
 * the system property {@code benchmark.command}, and where in {@code benchmark.directory}.
 */
public final class Main {
  private static final Path REPORT = Path.of("docs", "benchmarks.md");
  private static final Path ABLATION = Path.of("docs", "ablation.md");
  private static final Path RESULTS = Path.of("docs", "benchmarks.json");
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private Main() {}

  public static void main(String[] args) throws IOException, RunnerException {
    String command = args.length == 0 ? "" : args[0];
    List<String> rest =
        new ArrayList<>(List.of(args).subList(Math.min(1, args.length), args.length));
    Path directory = Path.of(System.getProperty("benchmark.directory", ""));
    switch (command) {
      case "kernels" -> kernels(rest);
      case "table" -> writeTable();
      case "edit" -> report(REPORT, command, EditTimes.run());
      case "random-model" -> OUT.println(RandomModel.run(rest));
      case "full-size" -> report(REPORT, command, FullSize.run(rest, OUT::println));
      case "full-size-row" -> OUT.println(FullSize.row(rest));
      case "evaluate" -> Evaluation.run(directory, rest, OUT::println);
      case "ablation" ->
          Ablation.run(directory, rest, OUT::println, table -> report(ABLATION, "ablation", table));
      default ->
          throw new IllegalArgumentException(
              "kernels, table, edit, random-model, full-size, evaluate or ablation");
    }
  }

  private static void kernels(List<String> arguments) throws IOException, RunnerException {
    boolean quick = arguments.remove("--quick");
    boolean peers = !arguments.remove("--no-peers");
    int threads = arguments.remove("--1-thread") ? 1 : 2;
    Optional<String> noLibtorch = peers ? Libtorch.unavailable() : Optional.of("not wanted");
    noLibtorch.ifPresent(reason -> OUT.println("without peers, nothing is stored: " + reason));
    KernelRuns runs = new KernelRuns(noLibtorch.isEmpty(), quick);
    for (Kernel kernel : Kernels.matching(arguments)) {
      KernelResult result = runs.measure(kernel, kernel.plain() ? 1 : threads);
      OUT.println(result.summary());
      if (!quick && noLibtorch.isEmpty()) {
        new KernelStore(RESULTS).put(result);
        writeTable();
      }
    }
  }

  private static void writeTable() throws IOException {
    Report.replace(REPORT, "kernels", KernelTable.of(Kernels.ALL, new KernelStore(RESULTS).read()));
  }

  private static void report(Path file, String name, String markdown) throws IOException {
    String part =
        "- command: `%s`\n- date: %s\n%s"
            .formatted(System.getProperty("benchmark.command"), LocalDate.now(), markdown);
    OUT.println(part);
    Report.replace(file, name, part);
  }
}
