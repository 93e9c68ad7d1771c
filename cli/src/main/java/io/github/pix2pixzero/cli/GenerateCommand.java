package io.github.pix2pixzero.cli;

import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.GenerateOptions;
import io.github.pix2pixzero.Generation;
import io.github.pix2pixzero.InversionFile;
import io.github.pix2pixzero.PictureParameters;
import io.github.pix2pixzero.inversion.Solver;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pix2pix-zero generate}: a text in, a picture out. */
@Command(
    name = "generate",
    description = "Makes a picture from a text.",
    footerHeading = "%nExamples, which run in the folder of the sources:%n",
    footer = {
      "  ./pix2pix-zero generate \"a photo of a cat on a beach\" -o beach.png --seed 7",
      "  ./pix2pix-zero generate \"a photo of a cat\" -o made.png \\",
      "      --save-inversion made.safetensors",
      "  ./pix2pix-zero edit --inversion made.safetensors -o dog5.png \\",
      "      --from cat --to dog"
    })
final class GenerateCommand extends ModelCommand {
  @Parameters(paramLabel = "PROMPT", description = "What the picture is to show.")
  private String prompt;

  @Option(
      names = {"-o", "--output"},
      order = 1,
      required = true,
      paramLabel = "OUTPUT",
      description = "Picture to write, a .png, .jpg, .bmp or .tiff.")
  private Path output;

  @Option(
      names = "--negative-prompt",
      order = 21,
      paramLabel = "TEXT",
      description = "What to lead away from. Default: empty.")
  private String negativePrompt = "";

  @Option(
      names = "--solver",
      order = 22,
      paramLabel = "ddim|dpm++2m|unipc",
      description = "What takes the steps; all but ddim are of second order. Default: ddim.")
  private String solver = Solver.DDIM.title();

  @Option(
      names = "--steps",
      order = 22,
      paramLabel = "N",
      description = "Steps of denoising. Default: 50.")
  private int steps = 50;

  @Option(
      names = {"--guidance-scale", "--cfg-scale"},
      order = 24,
      paramLabel = "X",
      description =
          "How strongly the text is followed; 1: plainly, less leads to the negative prompt."
              + " Default: 7.5.")
  private double guidanceScale = 7.5;

  @Option(
      names = "--seed",
      order = 26,
      paramLabel = "N",
      description = "Start of the random numbers. Default: 0.")
  private long seed;

  @Option(
      names = "--width",
      order = 30,
      paramLabel = "N",
      description = "Pixels. Default: as the pictures the model was trained with.")
  private Integer width;

  @Option(names = "--height", order = 31, paramLabel = "N", description = "Pixels, likewise.")
  private Integer height;

  @Mixin private PreviewOptions previews;

  @Option(
      names = "--save-inversion",
      order = 70,
      paramLabel = "FILE",
      description = "Also write what 'edit --inversion' starts from (safetensors).")
  private Path inversion;

  GenerateCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    previews.checkUsage(this);
    require(
        PictureFiles.isWritableName(output),
        "OUTPUT should be a .png, .jpg, .bmp or .tiff, it is " + output);
    requireSafetensors("--save-inversion", inversion);
    require(width == null || width > 0, "--width should be 1 or more, it is " + width);
    require(height == null || height > 0, "--height should be 1 or more, it is " + height);
  }

  @Override
  FilesInUse files(FilesInUse files) {
    files.writes("--output", output).writes("--save-inversion", inversion);
    return previews.files(files, MoreFiles.getNameWithoutExtension(output));
  }

  @Override
  int run(Backend backend) throws IOException {
    GenerateOptions options =
        options(
            () ->
                GenerateOptions.builder()
                    .negativePrompt(negativePrompt)
                    .solver(Solver.of(solver))
                    .steps(steps)
                    .guidanceScale(guidanceScale)
                    .seed(seed)
                    .size(width == null ? 0 : width, height == null ? 0 : height)
                    .build());
    Results.check(output);
    if (inversion != null) {
      Results.check(inversion);
    }
    String name = MoreFiles.getNameWithoutExtension(output);
    previews.prepare(name);
    Generation made = load(backend).generate(prompt, options, previews.listener(progress, name));
    progress.close();
    PictureParameters parameters =
        made.parameters().with("Model", modelName()).with("Version", Version.line());
    Results.write(
        output,
        () -> {
          if (inversion != null) {
            InversionFile.write(made.inversion(), inversion);
          }
          PictureFiles.write(made.image(), output, parameters.texts());
        });
    say(
        "wrote %s%s, %s, %s, %s, backend %s, peak %s MiB of tensors"
            .formatted(
                output,
                inversion == null ? "" : " and " + inversion,
                Texts.size(made.image()),
                Texts.steps(steps),
                Texts.seconds(made.time()),
                backend,
                made.peakMemory() >> 20));
    return 0;
  }
}
