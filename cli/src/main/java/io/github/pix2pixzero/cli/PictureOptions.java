package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.picture.PictureFit;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How pictures are read and brought to a size that the model can work at. */
final class PictureOptions {
  @Option(
      names = "--fit",
      order = 50,
      paramLabel = "crop|pad|resize",
      description = "What happens to a picture whose proportions do not fit. Default: crop.")
  private PictureFit.Policy fit = PictureFit.Policy.CROP;

  @Option(
      names = "--background",
      order = 51,
      paramLabel = "RRGGBB",
      description = "What is transparent lies on this colour. Default: ffffff, white.")
  private String background = "ffffff";

  PictureFit.Policy fit() {
    return fit;
  }

  void checkUsage(ComputeCommand command) {
    command.require(
        background.matches("#?[0-9a-fA-F]{6}"),
        "--background should be a colour such as ffffff, it is " + background);
  }

  BufferedImage read(Path file) throws IOException {
    return PictureFiles.read(file, new Color(Integer.parseInt(background.replace("#", ""), 16)));
  }
}
