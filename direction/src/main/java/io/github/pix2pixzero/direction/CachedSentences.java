package io.github.pix2pixzero.direction;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keeps on disk what another source answered, so that it is asked once. */
public final class CachedSentences implements SentenceSource {
  private final SentenceSource source;
  private final String name;
  private final Path folder;

  /**
   * Keeps the sentences of a source.
   *
   * @param name says which source it is: another name, other sentences
   * @param folder is made if it is missing
   */
  public CachedSentences(SentenceSource source, String name, Path folder) {
    this.source = source;
    this.name = name;
    this.folder = folder;
  }

  @Override
  public ImmutableList<String> about(String word, int count)
      throws IOException, InterruptedException {
    String asked = String.join("\n", name, word, Integer.toString(count));
    Path file =
        folder.resolve(
            "sentences-" + Hashing.sha256().hashString(asked, StandardCharsets.UTF_8) + ".txt");
    if (Files.exists(file)) {
      return SentenceBank.read(file);
    }
    ImmutableList<String> sentences = ImmutableList.copyOf(source.about(word, count));
    Files.createDirectories(folder);
    AtomicFiles.write(
        file,
        out -> out.write((String.join("\n", sentences) + "\n").getBytes(StandardCharsets.UTF_8)));
    return sentences;
  }
}
