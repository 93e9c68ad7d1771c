package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.distill.DistilledEditor;
import io.github.pix2pixzero.distill.StudentInfo;
import io.github.pix2pixzero.distill.collect.CollectionSettings;
import io.github.pix2pixzero.evaluation.Editor;
import io.github.pix2pixzero.evaluation.Evaluation;
import io.github.pix2pixzero.evaluation.MethodResults;
import io.github.pix2pixzero.evaluation.ModelEditor;
import io.github.pix2pixzero.evaluation.measure.AnswerDetail;
import io.github.pix2pixzero.evaluation.measure.Measure;
import io.github.pix2pixzero.evaluation.set.EvaluationSet;
import io.github.pix2pixzero.evaluation.set.EvaluationSet.Layout;
import io.github.pix2pixzero.evaluation.set.Sample;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pix2pix-zero distill evaluate}: a student beside its teacher. */
@Command(
    name = "evaluate",
    description = "Measures a student beside its teacher, on pictures that it has not seen.",
    customSynopsis = {"pix2pix-zero distill evaluate SET --student PATH --out DIR [OPTION...]"},
    footerHeading = "%nExamples, which run in the folder of the sources:%n",
    footer = {
      "  ./benchmark scenes scenes",
      "  ./pix2pix-zero distill evaluate scenes --student student --out report"
    })
final class DistillEvaluateCommand extends ModelCommand {
  @Parameters(
      paramLabel = "PAIRS|SET",
      description =
          "Folder of pairs, of which those held out count; or a set as 'evaluate' takes it, of"
              + " which those of the student's words count.")
  private Path path;

  @Mixin private ReportOptions report;

  @Mixin private StudentOptions student;

  @Option(
      names = "--no-teacher",
      order = 4,
      description = "Measure the student alone: a set's pictures take the teacher long.")
  private boolean noTeacher;

  @Mixin private SharedOptions teacher;

  @Mixin private MeasureOptions measures;

  DistillEvaluateCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    measures.checkUsage(this);
    options(() -> options().build());
  }

  private EditOptions.Builder options() {
    EditOptions.Builder builder = EditOptions.builder();
    teacher.applyTo(builder);
    return builder;
  }

  @Override
  FilesInUse files(FilesInUse files) {
    return files
        .reads("PAIRS", path)
        .reads("--student", student.path())
        .writes("--out", report.folder());
  }

  @Override
  int run(Backend backend) throws IOException {
    Path out = report.folder();
    Results.prepareFolder(out);
    try (DistilledEditor editor = student.load(backend, PictureFit.Policy.CROP)) {
      boolean pairs = PairSamples.isPairs(path);
      EvaluationSet set =
          pairs ? PairSamples.read(path) : ofWords(measures.open(path), editor.info());
      List<Measure> taken = new ArrayList<>(measures.measures(set, backend, progress));
      if (set.layout() == Layout.TOY_WORLD) {
        taken.addAll(List.of(AnswerDetail.values()));
      }
      List<MethodResults> results = new ArrayList<>();
      if (!noTeacher) {
        results.add(pairs ? collected() : MethodResults.of(diffusion(backend), out));
      }
      results.add(MethodResults.of(new StudentEditor(editor), out));
      new Evaluation(set, taken, out).run(results, row -> say(row.method() + " " + row.id()));
    }
    say(Files.readString(out.resolve(Evaluation.TABLES)).strip());
    say("wrote " + out.resolve(Evaluation.REPORT));
    return 0;
  }

  private MethodResults collected() throws IOException {
    return MethodResults.of("teacher", PairSamples.teacher(path));
  }

  private ModelEditor diffusion(Backend backend) throws IOException {
    Pix2PixZero model = load(backend);
    return new ModelEditor(
        "teacher",
        CollectionSettings.of(model.model(), options().build()).toString(),
        model,
        sample -> options(),
        null);
  }

  /** Of a set that has kinds, those that the student's words name. */
  private static EvaluationSet ofWords(EvaluationSet set, StudentInfo info) throws IOException {
    if (info.from().isEmpty() || info.to().isEmpty()) {
      return set;
    }
    String words = "-%s-%s".formatted(info.from().get(), info.to().get()).replace(' ', '_');
    boolean hasKinds = set.samples().stream().anyMatch(sample -> !sample.kind().isEmpty());
    List<Sample> samples =
        set.samples().stream()
            .filter(sample -> !hasKinds || sample.kind().endsWith(words))
            .toList();
    if (samples.isEmpty()) {
      throw new IOException(
          "the set has no pictures to edit from %s to %s, as the student does"
              .formatted(info.from().get(), info.to().get()));
    }
    return new EvaluationSet(set.layout(), set.folder(), samples);
  }

  /** The student as a method of an evaluation. */
  private static final class StudentEditor implements Editor {
    private final DistilledEditor editor;

    StudentEditor(DistilledEditor editor) {
      this.editor = editor;
    }

    @Override
    public String name() {
      return "student";
    }

    @Override
    public String settings() {
      return editor.info().toString();
    }

    @Override
    public Edited edit(Sample sample, BufferedImage source) {
      return new Edited(editor.edit(source), Duration.ZERO);
    }
  }
}
