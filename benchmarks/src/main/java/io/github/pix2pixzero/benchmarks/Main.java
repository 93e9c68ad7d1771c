package io.github.pix2pixzero.benchmarks;

import io.github.pix2pixzero.benchmarks.evaluation.Ablation;
import io.github.pix2pixzero.benchmarks.evaluation.Evaluation;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/**
 * The command line of {@code ./benchmark}, run in the repository's root. What the user typed is in
 * the system property {@code benchmark.command}, and where in {@code benchmark.directory}.
 */
public final class Main {
  private static final Path REPORT = Path.of("docs", "benchmarks.md");
  private static final Path ABLATION = Path.of("docs", "ablation.md");
  private static final String QUICK = "--quick";

  private Main() {}

  public static void main(String[] args) throws IOException, RunnerException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    String command = args.length == 0 ? "" : args[0];
    List<String> rest = List.of(args).subList(Math.min(1, args.length), args.length);
    Path directory = Path.of(System.getProperty("benchmark.directory", ""));
    if (command.equals("evaluate")) {
      Evaluation.run(directory, rest, out::println);
      return;
    }
    String markdown =
        switch (command) {
          case "kernels" ->
              Kernels.run(
                  rest.contains(QUICK), rest.stream().filter(arg -> !arg.equals(QUICK)).toList());
          case "edit" -> EditTimes.run();
          case "ablation" -> Ablation.run(directory, rest, out::println);
          default ->
              throw new IllegalArgumentException(
                  "kernels, edit, evaluate or ablation, not: " + command);
        };
    String part =
        "- command: `%s`\n- date: %s\n%s"
            .formatted(System.getProperty("benchmark.command"), LocalDate.now(), markdown);
    out.println(part);
    Report.replace(command.equals("ablation") ? ABLATION : REPORT, command, part);
  }
}
