package io.github.pix2pixzero.stablediffusion;

import com.google.common.collect.ImmutableSet;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.clip.LearnedWord;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Files of textual inversion: A1111's ({@code emb_params}, or {@code string_to_param} of {@code *}
 * in a pickle), which are called as their file is, and those of diffusers, whose one tensor has the
 * word's name.
 */
public final class TextualInversion {
  /** What the tensor is called where its name says nothing. */
  private static final ImmutableSet<String> UNNAMED = ImmutableSet.of("emb_params", "*");

  private static final ImmutableSet<String> OF_XL = ImmutableSet.of("clip_g", "clip_l");

  private TextualInversion() {}

  /**
   * Reads a learned word.
   *
   * @throws IOException naming the file if it is missing, malformed or holds anything else
   */
  public static LearnedWord read(EmbeddingChoice choice) throws IOException {
    Path path = choice.file();
    try (TensorSource file = WeightsFile.open(path).tensors()) {
      if (file.names().containsAll(OF_XL)) {
        throw new IOException(
            path + " is a learned word for Stable Diffusion XL; supported: 1.x and 2.x");
      }
      Optional<StoredTensor> only = only(file);
      if (only.isEmpty()) {
        throw new IOException(
            "%s is no learned word: it holds %s, expected one tensor, [width] or [vectors, width]"
                .formatted(path, Inspection.some(file.names().asList(), ", ")));
      }
      String name = file.names().iterator().next();
      String called = UNNAMED.contains(name) ? MoreFiles.getNameWithoutExtension(path) : name;
      long[] shape = only.get().shape();
      return new LearnedWord(
          choice.token().orElse(called),
          FileHash.of(path),
          Math.toIntExact(shape[shape.length - 1]),
          only.get().floats());
    } catch (IllegalArgumentException e) {
      throw new IOException(path + " is no learned word: " + e.getMessage(), e);
    }
  }

  /** Whether a file of weights holds a learned word, or seems to: one vector or matrix. */
  public static boolean isOne(Path path) throws IOException {
    if (!WeightsFile.isOne(path)) {
      return false;
    }
    try (TensorSource file = WeightsFile.open(path).tensors()) {
      return only(file).isPresent();
    }
  }

  private static Optional<StoredTensor> only(TensorSource file) throws IOException {
    if (file.names().size() != 1) {
      return Optional.empty();
    }
    StoredTensor tensor = file.tensor(file.names().iterator().next());
    int rank = tensor.shape().length;
    return rank == 1 || rank == 2 ? Optional.of(tensor) : Optional.empty();
  }
}
