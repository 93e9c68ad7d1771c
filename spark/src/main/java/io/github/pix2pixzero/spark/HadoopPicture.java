package io.github.pix2pixzero.spark;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.Files;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.distill.collect.PictureList;
import io.github.pix2pixzero.distill.collect.SourcePicture;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * A picture in a file system that Hadoop knows. What it shows may stand in a text file beside it,
 * {@code cat.txt} for {@code cat.png}.
 */
record HadoopPicture(String uri, Configuration configuration) implements SourcePicture {

  /**
   * The pictures of files, folders with all that are in them, and patterns of either such as {@code
   * s3a://photos/2026/*.jpg}. They are listed, not read.
   *
   * @return URIs, sorted, each once
   * @throws IOException if there is none of an input
   */
  static ImmutableList<String> list(List<String> inputs, Configuration configuration)
      throws IOException {
    ImmutableSet.Builder<String> uris = ImmutableSet.builder();
    for (String input : inputs) {
      Path pattern = new Path(input);
      FileSystem system = pattern.getFileSystem(configuration);
      FileStatus[] found = system.globStatus(pattern);
      if (found == null || found.length == 0) {
        throw new FileNotFoundException("no such file or folder: " + input);
      }
      ImmutableList.Builder<String> pictures = ImmutableList.builder();
      for (FileStatus status : found) {
        if (status.isDirectory()) {
          pictures.addAll(picturesIn(status.getPath(), system));
        } else {
          pictures.add(status.getPath().toString());
        }
      }
      ImmutableList<String> ofInput = pictures.build();
      if (ofInput.isEmpty()) {
        throw new IOException("the folder " + input + " holds no picture");
      }
      uris.addAll(ofInput);
    }
    return ImmutableList.sortedCopyOf(Comparator.naturalOrder(), uris.build());
  }

  private static ImmutableList<String> picturesIn(Path folder, FileSystem system)
      throws IOException {
    ImmutableList.Builder<String> pictures = ImmutableList.builder();
    RemoteIterator<LocatedFileStatus> files = system.listFiles(folder, true);
    while (files.hasNext()) {
      Path file = files.next().getPath();
      if (PictureList.isPicture(file.getName())) {
        pictures.add(file.toString());
      }
    }
    return pictures.build();
  }

  @Override
  public String name() {
    return uri;
  }

  /** The file's name without its extension. */
  String stem() {
    return Files.getNameWithoutExtension(uri);
  }

  @Override
  public byte[] identity() throws IOException {
    return read(new Path(uri));
  }

  @Override
  public Optional<String> caption() throws IOException {
    Path file = new Path(new Path(uri).getParent(), stem() + ".txt");
    try {
      ByteBuffer bytes = ByteBuffer.wrap(read(file));
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString().strip();
      return Optional.of(text).filter(caption -> !caption.isEmpty());
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is not a caption: it is not UTF-8", e);
    }
  }

  @Override
  public Start start(Pix2PixZero model, EditOptions options, ProgressListener progress)
      throws IOException {
    return Start.of(
        model, PictureFiles.read(new ByteArrayInputStream(identity())), options, progress);
  }

  private byte[] read(Path file) throws IOException {
    try (InputStream in = file.getFileSystem(configuration).open(file)) {
      return in.readAllBytes();
    }
  }
}
