package io.github.pix2pixzero.evaluation;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.stablediffusion.ModelIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Tells networks apart, so that a number says which one it was taken with. */
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
      for (Path file : files(path)) {
        hasher.putBytes(MoreFiles.asByteSource(file).hash(Hashing.sha256()).asBytes());
      }
    }
    return shortened(hasher.hash().toString());
  }

  /**
   * The same of a checkpoint: of what tells it from others, an autoencoder of its own and LoRAs
   * included, whatever it is called and wherever it lies.
   */
  static String of(ModelIdentity model) {
    return shortened(model.digest());
  }

  private static String shortened(String digest) {
    return "sha256 " + digest.substring(0, DIGITS);
  }

  private static List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(file -> MoreFiles.getFileExtension(file).equals("safetensors"))
          .sorted()
          .toList();
    }
  }
}
