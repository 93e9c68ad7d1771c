package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pix2pix-zero caption}: pictures in, sentences out. */
@Command(
    name = "caption",
    description = "Says what pictures show, a line each.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  pix2pix-zero caption cat.jpg --captioner Salesforce/blip-image-captioning-base",
      "  pix2pix-zero caption *.jpg --captioner endpoint --caption-model llava"
    })
final class CaptionCommand extends ComputingCommand {
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

  CaptionCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    captions.checkUsage();
    endpoints.checkUsage(captions.isEndpoint());
  }

  @Override
  FilesInUse files(FilesInUse files) {
    return files.reads("PICTURE", pictures);
  }

  @Override
  int run(Backend backend) throws IOException {
    Optional<CaptionOptions.Looker> looker = captions.open(endpoints, backend, progress);
    require(
        looker.isPresent(),
        "say who looks: --captioner with a folder or a name of BLIP, or endpoint");
    progress.close();
    for (Path picture : pictures) {
      String caption = looker.get().caption(PictureFiles.read(picture), Optional.ofNullable(word));
      say(pictures.size() == 1 ? caption : picture + ": " + caption);
    }
    return 0;
  }
}
