package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.GenerateOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.distill.collect.DiffusionClassifier;
import io.github.pix2pixzero.distill.collect.DrawnPictures;
import io.github.pix2pixzero.distill.collect.PairCollector;
import io.github.pix2pixzero.distill.collect.PairCollector.Summary;
import io.github.pix2pixzero.distill.collect.PairRecord;
import io.github.pix2pixzero.distill.collect.PairScore;
import io.github.pix2pixzero.distill.collect.PictureList;
import io.github.pix2pixzero.distill.collect.SourcePicture;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pix2pix-zero distill collect}: pictures in, pairs to train a student on out. */
@Command(
    name = "collect",
    description = "Edits many pictures and keeps them before and after, to train on.",
    customSynopsis = {
      "pix2pix-zero distill collect INPUT... -o DIR --from A --to B [OPTION...]",
      "pix2pix-zero distill collect --count N -o DIR --from A --to B [OPTION...]"
    },
    footerHeading = "%nExamples, which run in the folder of the sources:%n",
    footer = {
      "  ./pix2pix-zero distill collect --count 3 -o pairs --from cat --to dog \\",
      "      --steps 20"
    })
final class DistillCollectCommand extends ModelCommand {
  @Parameters(
      paramLabel = "INPUT",
      arity = "0..*",
      description =
          "Pictures, and folders of them. NAME.txt beside NAME.png is the caption of that picture."
              + " Without any, the model draws pictures of the sentences about --from.")
  private List<Path> inputs = List.of();

  @Option(
      names = {"-o", "--output"},
      order = 1,
      required = true,
      paramLabel = "DIR",
      description =
          "Folder of the pairs. What is there already is not made again, so that a run that was cut"
              + " off goes on.")
  private Path output;

  @Option(
      names = "--count",
      order = 2,
      paramLabel = "N",
      description = "Pairs that there should be. Default: one an INPUT.")
  private Integer count;

  @Mixin private ChangeOptions change;

  @Mixin private SettingOptions settings;

  @Mixin private EndpointOptions endpoints;

  @Option(
      names = "--no-classifier",
      order = 60,
      description =
          "Do not ask the model whether a result shows the target, which takes 12 passes through"
              + " its network.")
  private boolean noClassifier;

  @Option(
      names = "--clip",
      order = 61,
      paramLabel = "DIR",
      description =
          "A CLIP model in transformers' layout: notes how much nearer to the target text.")
  private Path clip;

  @Option(
      names = "--fit",
      order = 62,
      paramLabel = "crop|pad|resize",
      description = "What happens to a picture whose proportions do not fit. Default: crop.")
  private PictureFit.Policy fit = PictureFit.Policy.CROP;

  DistillCollectCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    require(
        change.isGiven() || settings.hasTargetCaption(),
        "say what to change: --from and --to, or --source-sentences and --target-sentences, or"
            + " --source-embedding and --target-embedding, or --target-caption");
    require(
        !inputs.isEmpty() || count != null,
        "without an INPUT the model draws the pictures, and --count says how many");
    require(
        !inputs.isEmpty() || change.from != null || change.sourceSentences != null,
        "to draw pictures it takes --from or --source-sentences, which say of what");
    require(count == null || count > 0, "--count should be at least 1, it is " + count);
    require(!settings.hasMask(), "--mask goes with a single picture");
    change.checkUsage(this);
    settings.checkUsage(this);
    endpoints.checkUsage(change.asksLanguageModel());
  }

  @Override
  FilesInUse files(FilesInUse files) {
    files.reads("INPUT", inputs).reads("--clip", clip);
    return settings.files(change.files(files)).writes("--output", output);
  }

  @Override
  int run(Backend backend) throws IOException {
    EditOptions.Builder builder =
        options(
            () -> {
              EditOptions.Builder words = EditOptions.builder().fit(fit);
              change.addWords(words);
              settings.addTo(words);
              EditOptions unused = words.build();
              return words;
            });
    ImmutableList<SourcePicture> files = PictureList.of(inputs);
    Results.prepareFolder(output);
    change.addFiles(builder, endpoints, backend);
    EditOptions options = builder.build();
    Pix2PixZero model = change.keepingDirections(load(backend));
    List<PairScore> scores = new ArrayList<>();
    if (!noClassifier) {
      scores.add(new DiffusionClassifier(model.model()));
    }
    if (clip != null) {
      scores.add(ClipGain.load(clip, backend));
    }
    Iterator<SourcePicture> sources = inputs.isEmpty() ? drawn(options) : files.iterator();
    int wanted = count == null ? files.size() : count;
    progress.close();
    Summary summary =
        new PairCollector(model, options, scores, output)
            .collect(
                sources,
                wanted,
                ProgressListener.NONE,
                (record, made, soFar) -> tell(record, made, soFar, wanted));
    say(
        "wrote %s, %s pairs, %s of them new, %s failed"
            .formatted(output, summary.pairs(), summary.made(), summary.failed()));
    return summary.failed() > 0 && summary.pairs() < wanted ? 1 : 0;
  }

  private Iterator<SourcePicture> drawn(EditOptions options) {
    GenerateOptions drawing =
        GenerateOptions.builder().steps(options.stepsOfInversion()).seed(options.seed()).build();
    return DrawnPictures.of(options.allSentences().orElseThrow().source(), drawing).iterator();
  }

  private void tell(PairRecord record, boolean made, Summary soFar, int wanted) {
    if (record.failed() != null) {
      spec.commandLine()
          .getErr()
          .println("pix2pix-zero: %s: %s".formatted(record.source(), record.failed()));
    } else if (made) {
      say(
          "%s of %s: %s, %s, %s"
              .formatted(
                  soFar.pairs(),
                  wanted,
                  record.source(),
                  record.scores().entrySet().stream()
                      .sorted(Map.Entry.comparingByKey())
                      .map(e -> e.getKey() + String.format(Locale.ROOT, " %.4g", e.getValue()))
                      .collect(Collectors.joining(", ")),
                  String.format(Locale.ROOT, "%.1f s", record.seconds())));
    }
  }
}
