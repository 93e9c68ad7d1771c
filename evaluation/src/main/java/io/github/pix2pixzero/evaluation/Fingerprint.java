package io.github.pix2pixzero.evaluation;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.evaluation.measure.Answers;
import io.github.pix2pixzero.evaluation.measure.Region;
import io.github.pix2pixzero.evaluation.set.Sample;
import io.github.pix2pixzero.stablediffusion.ModelIdentity;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Tells apart what numbers depend on, so that each says what it was taken with. */
final class Fingerprint {
  private static final int DIGITS = 12;

  private Fingerprint() {}

  /**
   * The beginning of the SHA-256 of what files hold, one after another, in hexadecimal. Of a folder
   * those that hold weights, sorted by name; where it lies makes no difference.
   *
   * @throws IOException if one cannot be read
   */
  static String of(Path... paths) throws IOException {
    Hasher hasher = Hashing.sha256().newHasher();
    for (Path path : paths) {
      for (Path file : files(path, "safetensors")) {
        putContent(hasher, file);
      }
    }
    return shortened(hasher);
  }

  /**
   * The same of the texts in a folder.
   *
   * @throws IOException if it cannot be read
   */
  static String ofTexts(Path folder) throws IOException {
    Hasher hasher = Hashing.sha256().newHasher();
    for (Path file : files(folder, "txt")) {
      hasher.putUnencodedChars(file.getFileName().toString());
      putContent(hasher, file);
    }
    return shortened(hasher);
  }

  /**
   * The same of a sample: of its pictures, all answers included, of the part that is to be edited,
   * and its words.
   *
   * @throws IOException if a file is missing or malformed
   */
  static String of(Sample sample) throws IOException {
    Hasher hasher = Hashing.sha256().newHasher();
    putContent(hasher, sample.file());
    Optional<Answers> answers = sample.answers();
    if (answers.isPresent()) {
      answers.get().pictures().forEach((value, picture) -> putPicture(hasher, value, picture));
    }
    Optional<Region> region = sample.region();
    if (region.isPresent()) {
      for (boolean inside : region.get().inside()) {
        hasher.putBoolean(inside);
      }
    }
    sample.texts().ifPresent(texts -> hasher.putUnencodedChars(texts.toString()));
    return shortened(hasher);
  }

  private static void putPicture(Hasher hasher, String name, BufferedImage picture) {
    hasher.putUnencodedChars(name);
    int width = picture.getWidth();
    for (int pixel : picture.getRGB(0, 0, width, picture.getHeight(), null, 0, width)) {
      hasher.putInt(pixel);
    }
  }

  private static void putContent(Hasher hasher, Path file) throws IOException {
    hasher.putBytes(MoreFiles.asByteSource(file).hash(Hashing.sha256()).asBytes());
  }

  /**
   * The same of a checkpoint: of what tells it from others, an autoencoder of its own and LoRAs
   * included, whatever it is called and wherever it lies.
   */
  static String of(ModelIdentity model) {
    return shortened(model.digest());
  }

  private static String shortened(Hasher hasher) {
    return shortened(hasher.hash().toString());
  }

  private static String shortened(String digest) {
    return "sha256 " + digest.substring(0, DIGITS);
  }

  private static List<Path> files(Path path, String extension) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(file -> MoreFiles.getFileExtension(file).equals(extension))
          .sorted()
          .toList();
    }
  }
}
