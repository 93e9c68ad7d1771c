package io.github.pix2pixzero;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.inversion.NullText;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.stablediffusion.ModelIdentity;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.io.StoredType;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inversions in safetensors files, so that edits of another day can start from them: the {@link
 * Trajectory}, the {@link NullText} embeddings if there are some, the pictures {@code source} and
 * {@code picture} (as fitted) as U8 [height, width, 3], and what the inversion was made with as
 * metadata.
 */
public final class InversionFile {
  private static final Logger LOG = LoggerFactory.getLogger(InversionFile.class);

  private static final String CAPTION = "caption";
  private static final String SOURCE = "source";
  private static final String PICTURE = "picture";
  private static final String SHOWN = "shown";
  private static final String PLACE = "place";

  private InversionFile() {}

  /**
   * Writes an inversion, whole or not at all.
   *
   * @throws IllegalArgumentException if the picture has not been inverted
   */
  public static void write(Inversion inversion, Path file) throws IOException {
    inversion.requireInverted("a file of an inversion");
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .metadata("format", "pix2pix-zero inversion 1")
            .metadata(CAPTION, inversion.caption())
            .metadata("milliseconds", Long.toString(inversion.time().toMillis()));
    inversion.model().ifPresent(model -> model.toMetadata().forEach(writer::metadata));
    inversion.trajectory().addTo(writer);
    inversion.nullText().ifPresent(found -> found.addTo(writer));
    if (inversion.picture().isPresent()) {
      FittedPicture fitted = inversion.picture().get();
      add(writer, PICTURE, fitted.picture());
      if (fitted.source() != fitted.picture()) {
        add(writer, SOURCE, fitted.source());
        writer.metadata(SHOWN, text(fitted.shown())).metadata(PLACE, text(fitted.place()));
      }
    }
    writer.write(file);
  }

  private static void add(SafetensorsWriter writer, String name, BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    int[] pixels = picture.getRGB(0, 0, width, height, null, 0, width);
    ByteBuffer bytes = ByteBuffer.allocate(3 * pixels.length);
    for (int rgb : pixels) {
      bytes.put((byte) (rgb >> 16)).put((byte) (rgb >> 8)).put((byte) rgb);
    }
    writer.addBytes(name, StoredType.U8, new long[] {height, width, 3}, bytes.flip());
  }

  /**
   * Reads an inversion. The log warns of one of an older version, which does not say what model it
   * was made with.
   *
   * @throws IOException naming the file, if it is missing, damaged, or holds anything else
   */
  public static Inversion read(Path path, Backend backend) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      ImmutableMap<String, String> metadata = file.metadata();
      if (!isInversion(file)) {
        throw new IOException(path + " is not an inversion file");
      }
      try {
        Optional<ModelIdentity> model = ModelIdentity.from(metadata);
        if (model.isEmpty()) {
          LOG.warn("{} does not say which model it was made with; edit it with that one", path);
        }
        return new Inversion(
            Trajectory.read(file, backend),
            metadata.get(CAPTION),
            Duration.ofMillis(Long.parseLong(metadata.getOrDefault("milliseconds", "0"))),
            file.contains(PICTURE) ? Optional.of(fitted(file)) : Optional.empty(),
            NullText.isIn(file) ? Optional.of(NullText.read(file, backend)) : Optional.empty(),
            model);
      } catch (IOException | RuntimeException e) {
        throw new IOException(path + " is damaged: " + e.getMessage(), e);
      }
    }
  }

  /** Whether a file holds an inversion. */
  public static boolean isInversion(SafetensorsFile file) {
    return Trajectory.isIn(file) && file.metadata().containsKey(CAPTION);
  }

  private static FittedPicture fitted(SafetensorsFile file) throws IOException {
    BufferedImage picture = picture(file, PICTURE);
    if (!file.contains(SOURCE)) {
      return FittedPicture.unchanged(picture);
    }
    return new FittedPicture(
        picture,
        picture(file, SOURCE),
        rectangle(file.metadata().get(SHOWN)),
        rectangle(file.metadata().get(PLACE)));
  }

  private static BufferedImage picture(SafetensorsFile file, String name) throws IOException {
    long[] shape = file.entry(name).shape();
    ByteBuffer bytes = file.readBytes(name);
    int height = Math.toIntExact(shape[0]);
    int width = Math.toIntExact(shape[1]);
    int[] pixels = new int[height * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (bytes.get() & 0xff) << 16 | (bytes.get() & 0xff) << 8 | bytes.get() & 0xff;
    }
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, width, height, pixels, 0, width);
    return picture;
  }

  private static String text(Rectangle region) {
    return "%s %s %s %s".formatted(region.x, region.y, region.width, region.height);
  }

  private static Rectangle rectangle(String text) {
    int[] numbers = Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
    return new Rectangle(numbers[0], numbers[1], numbers[2], numbers[3]);
  }
}
