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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directions kept on disk, so that hundreds of sentences are encoded once. Files are named by their
 * sentences and checked against the text encoder; several programs may share a folder.
 */
public final class DirectionCache {
  private static final Logger LOG = LoggerFactory.getLogger(DirectionCache.class);

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
   * before. One that another text encoder made, or that is damaged, is made anew and replaced; that
   * one cannot be kept, as on a full disk, is no more than a warning in the log.
   */
  public EditDirection between(TextEncoder encoder, List<String> source, List<String> target) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (List<String> sentences : List.of(source, target)) {
      hasher.putInt(sentences.size());
      sentences.forEach(
          sentence -> hasher.putInt(sentence.length()).putString(sentence, StandardCharsets.UTF_8));
    }
    if (encoder.tokenizer().readsWeights()) {
      hasher.putBoolean(true); // the same sentences mean something else
    }
    Path file = folder.resolve("direction-" + hasher.hash() + ".safetensors");
    if (Files.exists(file)) {
      try {
        EditDirection kept = EditDirection.read(file, backend);
        if (kept.isMadeBy(encoder)) {
          return kept;
        }
      } catch (IOException e) {
        LOG.warn("{} is made anew: {}", file, e.getMessage());
      }
    }
    EditDirection made = EditDirection.between(encoder, source, target);
    try {
      Files.createDirectories(folder);
      made.write(file);
    } catch (IOException e) {
      LOG.warn("the direction cannot be kept in {}: {}", folder, e.toString());
    }
    return made;
  }
}
