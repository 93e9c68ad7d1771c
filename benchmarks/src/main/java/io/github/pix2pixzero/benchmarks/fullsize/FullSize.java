package io.github.pix2pixzero.benchmarks.fullsize;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.StandardSystemProperty;
import io.github.pix2pixzero.benchmarks.ChildProcess;
import io.github.pix2pixzero.benchmarks.Machine;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Times and peaks of memory at the published size. Each number is from a process of its own, ours
 * and PyTorch's in turns. PyTorch computes in float32, from the same files.
 */
public final class FullSize {
  private static final int THREADS = 2;
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final double GIB = 1 << 30;

  private FullSize() {}

  /**
   * What a process reports.
   *
   * @param peak the most memory that was resident, in bytes
   * @param tensors the most of it in tensors, pooled arrays included; 0 of PyTorch
   */
  private record Measured(
      @JsonProperty("seconds") List<Double> seconds,
      @JsonProperty("peak") long peak,
      @JsonProperty("tensors") long tensors) {
    double best() {
      return Collections.min(seconds);
    }
  }

  /**
   * What was measured.
   *
   * @param part of the report that it takes the place of
   */
  public record Table(String part, String markdown) {}

  /**
   * Measures rows and describes them in Markdown.
   *
   * @param arguments {@code MODEL [--python PYTHON] [ROW…]}; without Python there is no peer
   * @param progress told what has been measured
   * @throws IllegalArgumentException if they are others
   * @throws IOException if a process fails
   */
  public static Table run(List<String> arguments, Consumer<String> progress) throws IOException {
    List<String> rest = new ArrayList<>(arguments);
    String python = null;
    int option = rest.indexOf("--python");
    if (option >= 0 && option + 1 < rest.size()) {
      python = rest.remove(option + 1);
      rest.remove(option);
    }
    if (rest.isEmpty() || !Files.isDirectory(Path.of(rest.get(0)))) {
      throw new IllegalArgumentException(
          "full-size takes a folder such as random-model writes, not: "
              + String.join(" ", arguments));
    }
    String model = rest.remove(0);
    Kind kind = Kind.of(Path.of(model));
    List<Row> rows =
        rest.isEmpty()
            ? Arrays.stream(Row.values()).filter(row -> row.kind == kind).toList()
            : rest.stream().map(Row::of).toList();
    Machine machine = Machine.current();
    StringBuilder table =
        new StringBuilder(machine.toMarkdown())
            .append("- %s threads; the shortest of a process's times\n\n".formatted(THREADS))
            .append("| | ours, s | PyTorch, s | ratio | reach | ours, GiB | PyTorch, GiB | ratio |")
            .append(" reach |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (Row row : rows) {
      Measured ours = ChildProcess.run(ourCommand(row, model), Measured.class);
      Measured peer =
          python == null || !row.hasPeer()
              ? null
              : ChildProcess.run(peerCommand(python, row, model), Measured.class);
      String line = line(row, ours, peer);
      progress.accept(line);
      table.append(line).append('\n');
    }
    return new Table(kind.part(), table.toString());
  }

  /** Measures one row in this process and returns what {@link #run} reads. */
  public static String row(List<String> arguments) throws IOException {
    Row row = Row.of(arguments.get(0));
    Backend backend = Backends.best(THREADS);
    List<Double> seconds = row.run(Path.of(arguments.get(1)), backend);
    return new JsonMapper()
        .writeValueAsString(new Measured(seconds, peak(), backend.memory().peak()));
  }

  /** The most memory that was resident, in bytes; 0 where the system does not say. */
  static long peak() throws IOException {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElse(0);
  }

  private static List<String> ourCommand(Row row, String model) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(StandardSystemProperty.JAVA_HOME.value(), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of(
            "-cp",
            StandardSystemProperty.JAVA_CLASS_PATH.value(),
            "io.github.pix2pixzero.benchmarks.Main",
            "full-size-row",
            row.word(),
            model));
    return command;
  }

  private static List<String> peerCommand(String python, Row row, String model) throws IOException {
    Path script = ChildProcess.script(Row.class, "full_size.py");
    return List.of(python, script.toString(), row.word(), model, Integer.toString(THREADS));
  }

  private static String line(Row row, Measured ours, Measured peer) {
    return "| %s | %s | %s | %s | %s | %s | %s | %s | %s |"
        .formatted(
            row.title,
            number(ours.best()),
            peer == null ? "–" : number(peer.best()),
            peer == null ? "–" : number(ours.best() / peer.best()),
            row.time == 0 ? "–" : "≤ " + row.time,
            number(ours.peak() / GIB),
            peer == null ? "–" : number(peer.peak() / GIB),
            peer == null ? "–" : number((double) ours.peak() / peer.peak()),
            row.memory == 0 ? "–" : "≤ " + row.memory);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
