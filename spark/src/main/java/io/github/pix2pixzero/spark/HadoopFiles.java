package io.github.pix2pixzero.spark;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.distill.collect.CollectionFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/** A folder of any file system that Hadoop knows, such as {@code hdfs://} or {@code s3a://}. */
final class HadoopFiles implements CollectionFiles {
  /**
   * File systems on which a rename is one step. Elsewhere it copies, but there an object appears
   * when all of it is written.
   */
  private static final ImmutableSet<String> RENAMING =
      ImmutableSet.of("file", "hdfs", "viewfs", "webhdfs");

  private final Configuration configuration;
  private final FileSystem system;
  private final Path folder;

  /**
   * @throws IOException if there is no such file system, or it cannot be reached
   */
  HadoopFiles(String folder, Configuration configuration) throws IOException {
    this.configuration = configuration;
    FileSystem found = new Path(folder).getFileSystem(configuration);
    // Checksums of local files would be one more file each.
    system = found instanceof LocalFileSystem local ? local.getRaw() : found;
    this.folder = system.makeQualified(new Path(folder));
  }

  @Override
  public Optional<byte[]> read(String name) throws IOException {
    try (InputStream in = system.open(path(name))) {
      return Optional.of(in.readAllBytes());
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  @Override
  public OptionalLong size(String name) throws IOException {
    try {
      return OptionalLong.of(system.getFileStatus(path(name)).getLen());
    } catch (FileNotFoundException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public ImmutableList<String> list(String name) throws IOException {
    try {
      return Arrays.stream(system.listStatus(path(name)))
          .filter(FileStatus::isFile)
          .map(file -> file.getPath().getName())
          .filter(file -> !file.startsWith("."))
          .sorted()
          .collect(ImmutableList.toImmutableList());
    } catch (FileNotFoundException e) {
      return ImmutableList.of();
    }
  }

  @Override
  public void write(String name, byte[] content) throws IOException {
    Path file = path(name);
    if (!RENAMING.contains(system.getUri().getScheme())) {
      create(file, content);
      return;
    }
    Path unfinished =
        new Path(file.getParent(), ".%s.%s.tmp".formatted(file.getName(), UUID.randomUUID()));
    try {
      create(unfinished, content);
      if (!system.rename(unfinished, file)) { // as HDFS does if there is a file of that name
        FileContext.getFileContext(folder.toUri(), configuration)
            .rename(unfinished, file, Options.Rename.OVERWRITE);
      }
    } catch (IOException e) {
      system.delete(unfinished, false);
      throw e;
    }
  }

  private void create(Path file, byte[] content) throws IOException {
    try (OutputStream out = system.create(file, true)) {
      out.write(content);
    }
  }

  private Path path(String name) {
    return new Path(folder, name);
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
