package io.github.pix2pixzero.distill.collect;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Optional;

/** What a pair begins with: {@link PictureList a file}, or {@link DrawnPictures a drawing}. */
public interface SourcePicture {

  /**
   * A picture as the model works on it, and where its edit starts.
   *
   * @param picture of a size that the model can work at
   */
  record Start(BufferedImage picture, Inversion inversion) {
    /** That of a picture as it was read. */
    public static Start of(
        Pix2PixZero model, BufferedImage read, EditOptions options, ProgressListener progress) {
      Inversion inversion = model.prepare(read, options, progress);
      return new Start(inversion.picture().orElseThrow().picture(), inversion);
    }
  }

  /** Names it in messages and in the pair's record. */
  String name();

  /**
   * What tells it from all others, wherever it lies: a file's bytes, or what a picture is drawn by.
   *
   * @throws IOException if it cannot be read
   */
  byte[] identity() throws IOException;

  /**
   * What it shows, if that is known of this one.
   *
   * @throws IOException if it is, but cannot be read
   */
  Optional<String> caption() throws IOException;

  /**
   * Reads or draws it, and inverts it if the edit needs that.
   *
   * @param options of the edit, with this picture's caption
   * @throws IOException if it cannot be read
   */
  Start start(Pix2PixZero model, EditOptions options, ProgressListener progress) throws IOException;
}
