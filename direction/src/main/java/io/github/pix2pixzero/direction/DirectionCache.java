package io.github.pix2pixzero.direction;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Directions kept on disk, so that hundreds of sentences are encoded once. Files are named by their
 * sentences and checked against the text encoder; several programs may share a folder.
 */
public final class DirectionCache {
  private final Path folder;
  private final Backend backend;

  /**
   * @param folder made when the first direction is kept
   * @param backend for directions from the disk
   */
  public DirectionCache(Path folder, Backend backend) {
    this.folder = folder;
    this.backend = backend;
  }

  /**
   * {@link EditDirection#between(TextEncoder, List, List)}, from the disk where it has been made
   * before. One that another text encoder made is made anew and replaced.
   *
   * @throws IOException if a file is damaged, or the folder cannot be written to
   */
  public EditDirection between(TextEncoder encoder, List<String> source, List<String> target)
      throws IOException {
    Hasher hasher = Hashing.sha256().newHasher();
    for (List<String> sentences : List.of(source, target)) {
      hasher.putInt(sentences.size());
      sentences.forEach(
          sentence -> hasher.putInt(sentence.length()).putString(sentence, StandardCharsets.UTF_8));
    }
    Path file = folder.resolve("direction-" + hasher.hash() + ".safetensors");
    if (Files.exists(file)) {
      EditDirection kept = EditDirection.read(file, backend);
      if (kept.isMadeBy(encoder)) {
        return kept;
      }
    }
    EditDirection made = EditDirection.between(encoder, source, target);
    Files.createDirectories(folder);
    made.write(file);
    return made;
  }
}
