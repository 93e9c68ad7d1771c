package io.github.pix2pixzero.cli;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.distill.DistilledEditor;
import io.github.pix2pixzero.hub.Hub;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pix2pix-zero info}: what a file or folder is. */
@Command(
    name = "info",
    description = "Says what a checkpoint, student, direction file, inversion or picture is.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true)
final class InfoCommand implements Callable<Integer> {
  private static final String LINE = "%-14s %s%n";

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "PATH|NAME",
      description =
          "Checkpoint, student, direction file, inversion or picture; the name of a bundled student;"
              + " or ORG/NAME on huggingface.co, of which nothing is downloaded.")
  private String path;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Mixin private CheckpointOptions checkpoint;

  @Override
  public Integer call() throws IOException {
    LoadOptions options = checkpoint.toLoadOptions();
    Map<String, Object> report =
        Files.exists(Path.of(path))
            ? FileReports.of(Path.of(path), options)
            : DistilledEditor.isBundled(path)
                ? FileReports.student(path, DistilledEditor.bundledInfo(path))
                : ModelReports.of(Hub.name(path), options);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
      out.println(mapper.writeValueAsString(report));
    } else {
      report.forEach((key, value) -> print(out, key, value));
    }
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, String key, Object value) {
    String title = key.replace('_', ' ');
    if (value instanceof Map<?, ?> part) {
      out.printf(
          LINE,
          title,
          String.join(
              ", ", part.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList()));
    } else if (value instanceof List<?> list) {
      out.printf(LINE, title, list.isEmpty() ? "none" : list.get(0));
      list.stream().skip(1).forEach(item -> out.printf(LINE, "", item));
    } else {
      out.printf(LINE, title, value.toString().replace("\n", "\n" + " ".repeat(15)));
    }
  }
}
