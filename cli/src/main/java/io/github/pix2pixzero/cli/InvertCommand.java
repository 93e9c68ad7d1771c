package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.InversionFile;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.inversion.NoiseStatistics;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pix2pix-zero invert}: a picture in, the noise that leads to it out. */
@Command(
    name = "invert",
    description = "Finds the noise that leads to a picture, for many edits to start from.",
    footerHeading = "%nExamples, which run in the folder of the sources:%n",
    footer = {
      "  ./pix2pix-zero invert toy-world/examples/cat.png -o cat.safetensors \\",
      "      --caption \"a photo of a cat\"",
      "  ./pix2pix-zero edit --inversion cat.safetensors -o dog3.png \\",
      "      --from cat --to dog"
    })
final class InvertCommand extends ModelCommand {
  @Parameters(paramLabel = "INPUT", description = "Picture to invert.")
  private Path input;

  @Option(
      names = {"-o", "--output"},
      order = 1,
      required = true,
      paramLabel = "FILE",
      description = "Inversion file to write (safetensors).")
  private Path output;

  @Mixin private InversionOptions inverted;

  @Option(
      names = "--seed",
      order = 26,
      paramLabel = "N",
      description = "Start of the random numbers. Default: 0.")
  private long seed;

  @Option(
      names = "--regularization",
      order = 27,
      paramLabel = "published|none",
      description = "What keeps the noise white. Default: published.")
  private String regularization = "published";

  @Option(
      names = "--null-text",
      order = 28,
      description =
          "Also find the embeddings that 'edit --method prompt-to-prompt --reference null-text'"
              + " starts from. As there, 50 steps unless --steps says otherwise.")
  private boolean nullText;

  @Option(
      names = {"--guidance-scale", "--cfg-scale"},
      order = 28,
      paramLabel = "X",
      description = "The guidance scale that they are for. Default: 7.5.")
  private Double guidanceScale;

  @Mixin private PictureOptions pictures;

  InvertCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    pictures.checkUsage(this);
    requireSafetensors("--output", output);
    require(guidanceScale == null || nullText, "--guidance-scale goes with --null-text");
    require(
        guidanceScale == null
            || (guidanceScale >= 0 && Double.isFinite(guidanceScale) && guidanceScale != 1),
        "--guidance-scale should be 0 or more, and not 1, it is " + guidanceScale);
    inverted.checkUsage(this);
  }

  @Override
  FilesInUse files(FilesInUse files) {
    return files.reads("INPUT", input).writes("--output", output);
  }

  @Override
  int run(Backend backend) throws IOException {
    EditOptions.Builder builder =
        options(
            () -> {
              EditOptions.Builder words =
                  EditOptions.builder()
                      .seed(seed)
                      .regularization(SharedOptions.regularization(regularization))
                      .fit(pictures.fit());
              if (nullText) {
                words.method(PromptToPrompt.DEFAULTS);
              }
              inverted.applyTo(words);
              EditOptions unused = words.build(); // says what makes no sense
              return words;
            });
    Results.check(output);
    BufferedImage picture = pictures.read(input);
    builder.caption(inverted.caption(input, picture, backend, this).orElse(""));
    Pix2PixZero editor = load(backend);
    Inversion inversion = editor.invert(picture, builder.build(), progress);
    if (nullText) {
      double scale =
          guidanceScale == null ? PromptToPrompt.DEFAULTS.guidanceScale() : guidanceScale;
      inversion = editor.withNullText(inversion, scale, progress);
    }
    Inversion written = inversion;
    progress.close();
    Results.write(output, () -> InversionFile.write(written, output));
    NoiseStatistics noise = inversion.noiseStatistics();
    say(
        String.format(
            Locale.ROOT,
            "wrote %s, %s, inversion %s, noise of mean %.2f, deviation %.2f and"
                + " correlation %.2f of neighbours (0, 1 and 0 would be white)",
            output,
            Texts.steps(inversion.steps()),
            Texts.seconds(inversion.time()),
            noise.mean(),
            noise.deviation(),
            noise.autocorrelation()));
    return 0;
  }
}
