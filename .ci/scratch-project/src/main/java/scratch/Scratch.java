package scratch;

import io.github.pix2pixzero.Edit;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a user does first, in as few steps as show that it works: {@code Scratch CAT WEBP FOLDER}. */
public final class Scratch {
  private static final EditOptions CAT_TO_DOG =
      EditOptions.builder().from("cat").to("dog").steps(4).build();

  private Scratch() {}

  public static void main(String[] args) throws Exception {
    Pix2PixZero model = Pix2PixZero.loadBundled(Backends.best());
    BufferedImage cat = PictureFiles.read(Path.of(args[0]));
    Path folder = Files.createDirectories(Path.of(args[2]));

    Edit edit = model.edit(cat, CAT_TO_DOG);
    PictureFiles.write(edit.image(), folder.resolve("edit.png"));

    EditOptions byOwnMethod = CAT_TO_DOG.toBuilder().method(new Swap()).build();
    PictureFiles.write(model.edit(cat, byOwnMethod).image(), folder.resolve("own.png"));
    EditOptions byMaps = CAT_TO_DOG.toBuilder().method(PromptToPrompt.DEFAULTS).build();
    PictureFiles.write(model.edit(cat, byMaps).image(), folder.resolve("maps.png"));

    BufferedImage through = // through the autoencoder and back
        PictureTensors.toPicture(model.model().decode(edit.inversion().encoded()));
    PictureFiles.write(through, folder.resolve("autoencoder.png"));

    PictureFiles.write(PictureFiles.read(Path.of(args[1])), folder.resolve("webp.png"));
    System.out.println(folder + ": edited on the backend " + model.backend().name());
  }
}
