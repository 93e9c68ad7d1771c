package io.github.pix2pixzero.cli;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.evaluation.Evaluation;
import io.github.pix2pixzero.evaluation.MethodResults;
import io.github.pix2pixzero.evaluation.ModelEditor;
import io.github.pix2pixzero.evaluation.set.EvaluationSet;
import io.github.pix2pixzero.evaluation.set.EvaluationSet.Layout;
import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.guidance.Published;
import io.github.pix2pixzero.guidance.SdEdit;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pix2pix-zero evaluate}: a set in, edited by several methods, measured. */
@Command(
    name = "evaluate",
    description = "Edits the pictures of a set by one method or several, and measures the results.",
    customSynopsis = {
      "pix2pix-zero evaluate SET --out DIR [--method NAME|NAME=OPTIONS...] [OPTION...]"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pix2pix-zero evaluate my-pictures --out report --method published --method ddim",
      "  pix2pix-zero evaluate PIE-Bench/data --model sd15 --out report --clip L14 --dino"
          + " dino-vitb8 --method weak=\"--guidance-amount 2\""
    })
final class EvaluateCommand extends ModelCommand {
  /** Methods that have a name of their own, in the words of {@code edit}. */
  private static final ImmutableMap<String, String> METHODS =
      ImmutableMap.of(
          BesideTrajectory.NAME,
          "--method " + BesideTrajectory.NAME,
          Published.NAME,
          "--method " + Published.NAME,
          PromptToPrompt.NAME,
          "--method " + PromptToPrompt.NAME,
          SdEdit.NAME,
          "--method " + SdEdit.NAME,
          "ddim",
          "--method published --guidance-amount 0 --steering caption",
          "ddim-direction",
          "--method published --guidance-amount 0 --steering direction");

  @Parameters(
      paramLabel = "SET",
      description =
          "PIE-Bench's folder (mapping_file.json), the toy world's (scenes.json), one with"
              + " samples.csv (picture, caption, target_caption, mask), or such a table.")
  private Path path;

  @Mixin private ReportOptions report;

  @Option(
      names = "--method",
      order = 2,
      paramLabel = "NAME|NAME=OPTIONS",
      description =
          "A method; repeatable. By name: beside-trajectory (the default), published,"
              + " prompt-to-prompt, sdedit, ddim (the inversion denoised with the target caption),"
              + " ddim-direction (with the sentences' direction). Or a name of your own and options"
              + " of edit.")
  private List<String> methods = List.of(BesideTrajectory.NAME);

  @Option(
      names = "--sentences",
      order = 3,
      paramLabel = "DIR",
      description =
          "Folder with KIND-source.txt and KIND-target.txt, for methods that follow a direction."
              + " Default: the direction from the one caption to the other.")
  private Path sentences;

  @Mixin private MeasureOptions measures;

  private final Map<String, SharedOptions> parsed = new LinkedHashMap<>();

  EvaluateCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    measures.checkUsage(this);
    for (String method : methods) {
      options(() -> add(method));
    }
  }

  private EditOptions add(String method) {
    int equals = method.indexOf('=');
    String name = equals < 0 ? method : method.substring(0, equals);
    checkArgument(
        equals >= 0 || METHODS.containsKey(name),
        "there is no method %s; there are %s, or NAME=OPTIONS",
        name,
        String.join(", ", METHODS.keySet()));
    SharedOptions shared = shared(words(method));
    checkArgument(parsed.put(name, shared) == null, "two methods are called %s", name);
    return builder(shared).build(); // what makes no sense is said now
  }

  private static String words(String method) {
    int equals = method.indexOf('=');
    return equals < 0 ? METHODS.get(method) : method.substring(equals + 1);
  }

  private static SharedOptions shared(String words) {
    SharedOptions shared = new SharedOptions();
    try {
      Choices.register(
              new CommandLine(
                  CommandLine.Model.CommandSpec.create()
                      .addMixin(
                          "shared", CommandLine.Model.CommandSpec.forAnnotatedObject(shared))))
          .parseArgs(
              Splitter.on(' ').omitEmptyStrings().splitToStream(words).toArray(String[]::new));
    } catch (CommandLine.ParameterException e) {
      throw new IllegalArgumentException("\"" + words + "\": " + e.getMessage(), e);
    }
    return shared;
  }

  private static EditOptions.Builder builder(SharedOptions shared) {
    EditOptions.Builder builder = EditOptions.builder();
    shared.applyTo(builder);
    return builder;
  }

  @Override
  FilesInUse files(FilesInUse files) {
    return files
        .reads("SET", path)
        .reads("--sentences", sentences)
        .writesFolder("--out", report.folder());
  }

  @Override
  int run(Backend backend) throws IOException {
    Path out = report.folder();
    EvaluationSet set = measures.open(path);
    if (set.layout() == Layout.PICTURES) {
      throw new IOException(path + " says not what to make of its pictures; a samples.csv can");
    }
    Results.prepareFolder(out);
    Evaluation evaluation = new Evaluation(set, measures.measures(set, backend, progress), out);
    Pix2PixZero loaded = load(backend);
    List<MethodResults> results = new ArrayList<>();
    for (String method : methods) {
      String name = method.replaceFirst("=.*", "");
      SharedOptions shared = parsed.get(name);
      ModelEditor editor =
          new ModelEditor(name, words(method), loaded, sample -> builder(shared), sentences);
      results.add(MethodResults.of(editor, out));
    }
    evaluation.run(results, row -> say(row.method() + " " + row.id()));
    say(Files.readString(out.resolve(Evaluation.TABLES)).strip());
    say("wrote " + out.resolve(Evaluation.REPORT));
    return 0;
  }
}
