package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Doubles;
import io.github.pix2pixzero.benchmarks.evaluation.Ablation;
import io.github.pix2pixzero.benchmarks.evaluation.Frontier;
import io.github.pix2pixzero.benchmarks.evaluation.ToyEvaluation;
import io.github.pix2pixzero.benchmarks.fullsize.FullSize;
import io.github.pix2pixzero.benchmarks.fullsize.WholeEdit;
import io.github.pix2pixzero.benchmarks.libtorch.Libtorch;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.openjdk.jmh.runner.RunnerException;

/**
 * The command line of {@code ./benchmark}, run in the repository's root. What the user typed is in
 * the system property {@code benchmark.command}, and where in {@code benchmark.directory}.
 */
public final class Main {
  private static final Path REPORT = Path.of("docs", "benchmarks.md");
  private static final Path ABLATION = Path.of("docs", "ablation.md");
  private static final Path STUDENTS = Path.of("docs", "distill.md");
  private static final Path PLOT = Path.of("docs", "images", "frontier.svg");
  private static final Path RESULTS = Path.of("docs", "benchmarks.json");
  private static final Path DEVICE_RESULTS = Path.of("docs", "benchmarks-cuda.json");
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private Main() {}

  public static void main(String[] args) throws IOException, RunnerException {
    try {
      run(args);
    } catch (IllegalArgumentException e) {
      OUT.println("benchmark: " + e.getMessage() + "; see ./benchmark --help");
      System.exit(2);
    }
  }

  private static void run(String[] args) throws IOException, RunnerException {
    String command = args.length == 0 ? "" : args[0];
    List<String> rest =
        new ArrayList<>(List.of(args).subList(Math.min(1, args.length), args.length));
    Path directory = Path.of(System.getProperty("benchmark.directory", ""));
    switch (command) {
      case "kernels" -> kernels(directory, rest);
      case "table" -> writeTable();
      case "edit" -> report(REPORT, command, EditTimes.run());
      case "random-model" -> OUT.println(RandomModel.run(rest));
      case "full-size" -> {
        FullSize.Table table = FullSize.run(rest, OUT::println);
        report(REPORT, table.part(), table.markdown());
      }
      case "whole-edit" -> wholeEdit(rest);
      case "full-size-row" -> OUT.println(FullSize.row(rest));
      case "students" -> students(rest);
      case "evaluate" -> ToyEvaluation.run(directory, rest, OUT::println);
      case "ablation" ->
          Ablation.run(directory, rest, OUT::println, table -> report(ABLATION, "ablation", table));
      case "frontier" ->
          report(
              REPORT, command, Frontier.run(rest.stream().map(directory::resolve).toList(), PLOT));
      default ->
          throw new IllegalArgumentException(
              "kernels, table, edit, random-model, full-size, whole-edit, students, evaluate,"
                  + " ablation or frontier");
    }
  }

  private static void wholeEdit(List<String> arguments) throws IOException {
    String device = option(arguments, "--device").orElse(Backends.AUTO);
    int steps = option(arguments, "--steps").map(Integer::valueOf).orElse(50);
    int size = option(arguments, "--size").map(Integer::valueOf).orElse(WholeEdit.USUAL_SIZE);
    boolean published = arguments.remove("--published");
    if (arguments.size() != 1) {
      throw new IllegalArgumentException(
          "whole-edit takes a folder such as random-model writes, not: "
              + String.join(" ", arguments));
    }
    Backend backend = Backends.on(device, Runtime.getRuntime().availableProcessors());
    WholeEdit.Work work = new WholeEdit.Work(steps, published, size);
    WholeEdit.run(Path.of(arguments.get(0)), work, backend, OUT::println);
  }

  private static void students(List<String> arguments) throws IOException {
    boolean quick = arguments.remove("--quick");
    Optional<String> python = option(arguments, "--python");
    OptionalDouble editSeconds =
        option(arguments, "--edit-seconds")
            .map(seconds -> OptionalDouble.of(seconds(seconds)))
            .orElse(OptionalDouble.empty());
    if (!arguments.isEmpty()) {
      throw new IllegalArgumentException("students does not take " + String.join(" ", arguments));
    }
    String table = StudentTimes.run(StudentTimes.Options.usual(editSeconds, python, quick));
    if (quick) {
      OUT.println(table);
    } else {
      report(STUDENTS, "students", table);
    }
  }

  private static double seconds(String text) {
    Double seconds = Doubles.tryParse(text);
    if (seconds == null || !(seconds > 0)) {
      throw new IllegalArgumentException("--edit-seconds takes a number above 0, not " + text);
    }
    return seconds;
  }

  private static void kernels(Path directory, List<String> arguments)
      throws IOException, RunnerException {
    if (arguments.remove("--list")) {
      chosen(arguments).forEach(kernel -> OUT.println(kernel.name()));
      return;
    }
    boolean quick = arguments.remove("--quick");
    Optional<String> device = option(arguments, "--device");
    if (device.isPresent()) {
      Optional<Path> file = option(arguments, "--results").map(Path::of);
      deviceKernels(new DeviceRuns(device.get(), quick), file, arguments);
      return;
    }
    boolean peers = !arguments.remove("--no-peers");
    int threads = arguments.remove("--1-thread") ? 1 : 2;
    String python =
        option(arguments, "--python").map(name -> executable(directory, name)).orElse("");
    KernelRuns runs = new KernelRuns(libtorch(peers, python), python, quick);
    for (Kernel kernel : chosen(arguments)) {
      KernelResult result = runs.measure(kernel, kernel.plain() ? 1 : threads);
      OUT.println(result.summary());
      if (!quick && !runs.libtorch().equals(KernelRuns.NONE)) {
        new KernelStore(RESULTS).put(result);
        writeTable();
      }
    }
  }

  /** Which one there is for the peers, if they are wanted. */
  private static String libtorch(boolean peers, String python) throws IOException {
    if (peers && !python.isEmpty()) {
      return PythonPeer.description(python);
    }
    Optional<String> reason = peers ? Libtorch.unavailable() : Optional.of("not wanted");
    reason.ifPresent(why -> OUT.println("without peers, nothing is stored: " + why));
    return reason.isEmpty() ? Libtorch.description() : KernelRuns.NONE;
  }

  /** A name to be looked for on the path, or a file relative to where the user is. */
  private static String executable(Path directory, String name) {
    return name.contains("/") ? directory.resolve(name).toString() : name;
  }

  private static ImmutableList<Kernel> chosen(List<String> filters) {
    for (String filter : filters) {
      if (filter.startsWith("-")) {
        throw new IllegalArgumentException("kernels has no option " + filter);
      }
    }
    return Kernels.matching(filters);
  }

  /** Rows on a device; stored in a file that was named, or where the table is made from. */
  private static void deviceKernels(DeviceRuns runs, Optional<Path> file, List<String> filters)
      throws IOException, RunnerException {
    for (Kernel kernel : chosen(filters)) {
      KernelResult result = runs.measure(kernel);
      OUT.println(result.summary());
      if (file.isPresent() || !runs.quick()) {
        new KernelStore(file.orElse(DEVICE_RESULTS)).put(result);
      }
    }
    if (file.isEmpty() && !runs.quick()) {
      writeTable();
    }
  }

  /** The value after an option, both of which leave the arguments. */
  private static Optional<String> option(List<String> arguments, String name) {
    int index = arguments.indexOf(name);
    if (index < 0) {
      return Optional.empty();
    }
    if (index + 1 == arguments.size()) {
      throw new IllegalArgumentException(name + " takes a value");
    }
    arguments.remove(index);
    return Optional.of(arguments.remove(index));
  }

  private static void writeTable() throws IOException {
    Report.replace(REPORT, "kernels", KernelTable.of(Kernels.ALL, new KernelStore(RESULTS).read()));
    Report.replace(
        REPORT,
        "device kernels",
        DeviceTable.of(Kernels.ALL, new KernelStore(DEVICE_RESULTS).read()));
  }

  private static void report(Path file, String name, String markdown) throws IOException {
    String part =
        "- command: `%s`\n- date: %s\n%s"
            .formatted(System.getProperty("benchmark.command"), LocalDate.now(), markdown);
    OUT.println(part);
    Report.replace(file, name, part);
  }
}
