package io.github.pix2pixzero.cli;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import io.github.pix2pixzero.evaluation.Evaluation;
import io.github.pix2pixzero.evaluation.MethodResults;
import io.github.pix2pixzero.evaluation.set.EvaluationSet;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pix2pix-zero measure}: pictures made elsewhere in, tables out. */
@Command(
    name = "measure",
    description = "Measures edited pictures that are there already, beside what they were made of.",
    customSynopsis = {
      "pix2pix-zero measure --source SET --edited [NAME=]DIR [--edited [NAME=]DIR...] [OPTION...]"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pix2pix-zero measure --source before --edited after",
      "  pix2pix-zero measure --source PIE-Bench/data --edited ddim=output/ddim+p2p --clip L14"
          + " --dino dino-vitb8 --lpips squeezenet.safetensors --lpips-heads squeeze.safetensors"
          + " --out report"
    })
final class MeasureCommand extends ComputingCommand {
  @Option(
      names = "--source",
      order = 1,
      required = true,
      paramLabel = "SET",
      description =
          "What was edited: PIE-Bench's folder (mapping_file.json), the toy world's"
              + " (scenes.json), one with samples.csv, or one of pictures.")
  private Path source;

  @Option(
      names = "--edited",
      order = 2,
      required = true,
      paramLabel = "[NAME=]DIR",
      description =
          "Folder of the results, under the names of the set; repeatable. NAME is what tables call"
              + " it. Default: the folder's.")
  private List<String> edited;

  @Option(
      names = "--out",
      order = 3,
      paramLabel = "DIR",
      description =
          "Folder for results.json, tables.md and report.html; a run that was cut off goes on."
              + " Default: only print the table.")
  private Path out;

  @Mixin private MeasureOptions measures;

  MeasureCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    measures.checkUsage(this);
  }

  @Override
  FilesInUse files(FilesInUse files) {
    return files.reads("--source", source).writesFolder("--out", out);
  }

  @Override
  int run(Backend backend) throws IOException {
    EvaluationSet set = measures.open(source);
    List<MethodResults> methods = new ArrayList<>();
    for (String named : edited) {
      methods.add(results(named));
    }
    if (out != null) {
      measure(set, methods, out, backend);
      say("wrote " + out.resolve(Evaluation.REPORT));
      return 0;
    }
    Path temporary = Files.createTempDirectory("pix2pix-zero");
    try {
      measure(set, methods, temporary, backend);
    } finally {
      MoreFiles.deleteRecursively(temporary, RecursiveDeleteOption.ALLOW_INSECURE);
    }
    return 0;
  }

  private void measure(EvaluationSet set, List<MethodResults> methods, Path folder, Backend backend)
      throws IOException {
    new Evaluation(set, measures.measures(set, backend, progress), folder).run(methods, row -> {});
    say(Files.readString(folder.resolve(Evaluation.TABLES)).strip());
  }

  private static MethodResults results(String named) throws IOException {
    int equals = named.indexOf('=');
    Path folder = Path.of(named.substring(equals + 1));
    Path last = folder.toAbsolutePath().normalize().getFileName();
    return MethodResults.of(equals < 0 ? String.valueOf(last) : named.substring(0, equals), folder);
  }
}
