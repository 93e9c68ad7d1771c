package io.github.pix2pixzero.distill.collect;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import io.github.pix2pixzero.tensor.io.IOConsumer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** A folder of this machine. */
final class LocalFiles implements CollectionFiles {
  private final Path folder;
  private final Writer writer;

  /** Writes a file whole or not at all. */
  @FunctionalInterface
  interface Writer {
    void write(Path file, IOConsumer<? super OutputStream> content) throws IOException;
  }

  LocalFiles(Path folder) {
    this(folder, AtomicFiles::write);
  }

  LocalFiles(Path folder, Writer writer) {
    this.folder = folder;
    this.writer = writer;
  }

  @Override
  public Optional<byte[]> read(String name) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(folder.resolve(name)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public OptionalLong size(String name) throws IOException {
    try {
      return OptionalLong.of(Files.size(folder.resolve(name)));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public ImmutableList<String> list(String name) throws IOException {
    Path listed = folder.resolve(name);
    if (!Files.isDirectory(listed)) {
      return ImmutableList.of();
    }
    try (Stream<Path> files = Files.list(listed)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> !file.startsWith("."))
          .sorted()
          .collect(ImmutableList.toImmutableList());
    }
  }

  @Override
  public void write(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    writer.write(file, out -> out.write(content));
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
