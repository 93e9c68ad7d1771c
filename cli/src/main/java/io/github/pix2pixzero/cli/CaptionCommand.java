package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.caption.Captioner;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pix2pix-zero caption}: pictures in, sentences out. */
@Command(
    name = "caption",
    description = "Says what pictures show, a line each.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  pix2pix-zero caption cat.jpg --captioner blip-image-captioning-base",
      "  pix2pix-zero caption *.jpg --captioner endpoint --caption-model llava"
    })
final class CaptionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PICTURE", arity = "1..*", description = "Pictures to look at.")
  private List<Path> pictures;

  @Option(
      names = "--word",
      order = 1,
      paramLabel = "WORD",
      description = "What every sentence must have in it. Default: anything seen will do.")
  private String word;

  @Mixin private CaptionOptions captions;

  @Mixin private EndpointOptions endpoints;

  @Mixin private DeviceOptions device = new DeviceOptions();

  @Override
  public Integer call() throws IOException {
    if (!captions.isWanted()) {
      throw new ParameterException(
          spec.commandLine(), "say who looks: --captioner with a folder of BLIP, or endpoint");
    }
    captions.checkUsage();
    endpoints.checkUsage(captions.isEndpoint());
    Captioner captioner = captions.open(endpoints, device.backend(null));
    for (Path picture : pictures) {
      String caption =
          CaptionOptions.caption(captioner, PictureFiles.read(picture), Optional.ofNullable(word));
      spec.commandLine()
          .getOut()
          .println(pictures.size() == 1 ? caption : picture + ": " + caption);
    }
    return 0;
  }
}
