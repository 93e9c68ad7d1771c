package io.github.pix2pixzero.cli;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Lists;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.distill.DistilledEditor;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.picture.PngTexts;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code pix2pix-zero distill edit}: pictures in, pictures out, by a student. */
@Command(
    name = "edit",
    description = "Edits pictures of any size by a student.",
    customSynopsis = {
      "pix2pix-zero distill edit INPUT -o OUTPUT --student PATH|NAME [OPTION...]",
      "pix2pix-zero distill edit INPUT... --output-dir DIR --student PATH|NAME [OPTION...]"
    },
    footerHeading = "%nExamples, which run in the folder of the sources:%n",
    footer = {
      "  ./pix2pix-zero distill edit toy-world/examples/cat.png -o dog6.png \\",
      "      --student student"
    })
final class DistillEditCommand extends ComputingCommand {
  /** Pictures that are in memory at once. */
  private static final int TOGETHER = 16;

  @Parameters(paramLabel = "INPUT", arity = "1..*", description = "Pictures to edit.")
  private List<Path> inputs = List.of();

  @Mixin private OutputOptions output;

  @Mixin private StudentOptions student;

  @Mixin private PictureOptions pictures;

  DistillEditCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    output.checkUsage(this, inputs.size());
    pictures.checkUsage(this);
  }

  @Override
  FilesInUse files(FilesInUse files) {
    files.reads("INPUT", inputs).reads("--student", student.path());
    String title = output.folder() == null ? "--output" : "a result in --output-dir";
    inputs.forEach(input -> files.writes(title, target(input)));
    return files;
  }

  private Path target(Path input) {
    return output.folder() == null
        ? output.file()
        : output.folder().resolve(MoreFiles.getNameWithoutExtension(input) + ".png");
  }

  @Override
  int run(Backend backend) throws IOException {
    if (output.folder() != null) {
      Results.prepareFolder(output.folder());
    }
    for (Path input : inputs) {
      Results.check(target(input));
    }
    try (DistilledEditor editor = student.load(backend, pictures.fit())) {
      for (List<Path> some : Lists.partition(inputs, TOGETHER)) {
        List<BufferedImage> sources = new ArrayList<>();
        for (Path input : some) {
          sources.add(pictures.read(input));
        }
        Stopwatch watch = Stopwatch.createStarted();
        ImmutableList<BufferedImage> edited = editor.edit(sources);
        double milliseconds = watch.elapsed(TimeUnit.MICROSECONDS) / 1e3 / some.size();
        for (int i = 0; i < some.size(); i++) {
          write(edited.get(i), target(some.get(i)), milliseconds, backend);
        }
      }
    }
    return 0;
  }

  private void write(BufferedImage picture, Path target, double milliseconds, Backend backend)
      throws IOException {
    ImmutableMap<String, String> texts =
        ImmutableMap.of(
            PngTexts.PARAMETERS,
            "Student: %s, Size: %s, Version: %s"
                .formatted(student.name(), Texts.size(picture), Version.line()));
    Results.write(target, () -> PictureFiles.write(picture, target, texts));
    say(
        "wrote %s, %s, student %s, %s ms, backend %s"
            .formatted(
                target,
                Texts.size(picture),
                student.name(),
                String.format(Locale.ROOT, "%.1f", milliseconds),
                backend));
  }
}
