package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.ByteStreams;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Tells diffusion models apart by what their weights' files hold. */
final class ModelDigest {
  private static final int DIGITS = 16;
  private static final Set<String> WEIGHTS = Set.of("safetensors", "ckpt");

  private static final ImmutableList<String> BUNDLED =
      ImmutableList.of(
          "text_encoder/model.safetensors",
          "unet/diffusion_pytorch_model.safetensors",
          "vae/diffusion_pytorch_model.safetensors");

  private ModelDigest() {}

  /** Of a checkpoint, wherever it lies. */
  static String of(Path checkpoint) throws IOException {
    Hasher hasher = Hashing.sha256().newHasher();
    for (Path file : weights(checkpoint)) {
      hasher.putBytes(MoreFiles.asByteSource(file).hash(Hashing.sha256()).asBytes());
    }
    return text(hasher);
  }

  /** Of the bundled model. */
  static String of(ModelFolder bundled) throws IOException {
    Hasher hasher = Hashing.sha256().newHasher();
    for (String name : BUNDLED) {
      try (InputStream in = bundled.open(name)) {
        hasher.putBytes(Hashing.sha256().hashBytes(ByteStreams.toByteArray(in)).asBytes());
      }
    }
    return text(hasher);
  }

  private static String text(Hasher hasher) {
    return "sha256 " + hasher.hash().toString().substring(0, DIGITS);
  }

  private static List<Path> weights(Path checkpoint) throws IOException {
    if (Files.isRegularFile(checkpoint)) {
      return List.of(checkpoint);
    }
    try (Stream<Path> files = Files.walk(checkpoint)) {
      return files
          .filter(file -> WEIGHTS.contains(MoreFiles.getFileExtension(file)))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }
}
