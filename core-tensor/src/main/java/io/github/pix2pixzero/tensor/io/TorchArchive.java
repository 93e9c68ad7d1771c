package io.github.pix2pixzero.tensor.io;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * What {@code torch.save} writes since PyTorch 1.6: a zip archive of a pickle that describes
 * tensors and of the raw bytes of their storages.
 */
final class TorchArchive implements Closeable {
  /** What ends a zip archive: the format's signatures, little-endian, and its fixed lengths. */
  private static final int ZIP64_END = 0x06064b50;

  private static final int ZIP64_END_BYTES = 56;
  private static final int ZIP64_LOCATOR = 0x07064b50;
  private static final int ZIP64_LOCATOR_BYTES = 20;

  /** The shortest entry of the central directory. */
  private static final int ZIP_ENTRY_BYTES = 46;

  /** The locator, then an end record of 22 bytes with the longest comment. */
  private static final int MAX_ZIP_END_BYTES = ZIP64_LOCATOR_BYTES + 22 + 0xffff;

  private static final String PICKLE = "/data.pkl";

  private final Path file;
  private final ZipFile zip;
  private final String folder;

  private TorchArchive(Path file, ZipFile zip) throws IOException {
    this.file = file;
    this.zip = zip;
    List<String> pickles =
        zip.stream().map(ZipEntry::getName).filter(name -> name.endsWith(PICKLE)).toList();
    if (pickles.size() != 1) {
      throw failure(
          "a zip archive with %s entries …%s where one was expected; not a file of PyTorch?"
              .formatted(pickles.size(), PICKLE));
    }
    String pickle = pickles.get(0);
    folder = pickle.substring(0, pickle.length() - PICKLE.length());
    checkByteOrder(folder + "/byteorder");
  }

  /**
   * Opens an archive.
   *
   * @throws IOException naming the file if it is malformed
   */
  static TorchArchive open(Path file) throws IOException {
    checkEntryCount(file);
    ZipFile zip = null;
    try {
      zip = new ZipFile(file.toFile());
      return new TorchArchive(file, zip);
    } catch (ZipException | EOFException e) {
      close(zip);
      throw new IOException(file + ": a broken zip archive: " + e, e);
    } catch (IOException | RuntimeException e) {
      close(zip);
      throw e;
    }
  }

  private static void close(ZipFile zip) throws IOException {
    if (zip != null) {
      zip.close();
    }
  }

  /**
   * Refuses an archive that claims to have more entries than it is long enough for: JDK 17 would
   * allocate a table of so many, up to gigabytes, before it looks at the first. Without zip64,
   * which PyTorch always writes, there cannot be more than 65,535.
   */
  private static void checkEntryCount(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long start = Math.max(0, channel.size() - MAX_ZIP_END_BYTES);
      ByteBuffer tail = read(channel, start, MAX_ZIP_END_BYTES);
      for (int at = 0; at <= tail.limit() - ZIP64_LOCATOR_BYTES; at++) {
        long position = tail.getInt(at) == ZIP64_LOCATOR ? tail.getLong(at + 8) : -1;
        if (position < 0) {
          continue;
        }
        ByteBuffer end = read(channel, position, ZIP64_END_BYTES);
        if (end.limit() == ZIP64_END_BYTES
            && end.getInt(0) == ZIP64_END
            && Long.compareUnsigned(end.getLong(32), channel.size() / ZIP_ENTRY_BYTES) > 0) {
          throw new IOException(
              "%s: a zip archive too short for the %s entries it claims to have"
                  .formatted(file, Long.toUnsignedString(end.getLong(32))));
        }
      }
    }
  }

  /** Up to so many bytes of a file, fewer at its end. */
  private static ByteBuffer read(FileChannel channel, long position, int bytes) throws IOException {
    int length = (int) Math.max(0, Math.min(bytes, channel.size() - position));
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {}
    return buffer.flip();
  }

  /** What the pickle is called in messages. */
  String pickleName() {
    return file + "!" + folder + PICKLE;
  }

  byte[] pickle(int maxBytes) throws IOException {
    String name = folder + PICKLE;
    ZipEntry entry = entry(name, maxBytes);
    return read(entry, 0, (int) entry.getSize());
  }

  /**
   * Some elements of a storage.
   *
   * @param view says which storage, and how many elements it should have
   * @throws IOException if it has another number of them
   */
  ByteBuffer storage(TensorPickle.View view, long from, long count) throws IOException {
    String name = folder + "/data/" + view.key();
    ZipEntry entry = entry(name, Long.MAX_VALUE);
    int size = view.type().byteSize();
    if (view.storageCount() != entry.getSize() / size || entry.getSize() % size != 0) {
      throw failure(
          "%s has %s bytes, which are not the %s elements of %s that %s announces"
              .formatted(name, entry.getSize(), view.storageCount(), view.type(), folder + PICKLE));
    }
    if (count * size > Integer.MAX_VALUE - 8) {
      throw failure(
          "a tensor in %s is larger than 2 GiB and cannot be read at once".formatted(name));
    }
    return ByteBuffer.wrap(read(entry, from * size, (int) (count * size)))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private void checkByteOrder(String name) throws IOException {
    if (zip.getEntry(name) == null) {
      return; // Files from before PyTorch 2.1 do not say, and are little-endian.
    }
    ZipEntry entry = entry(name, 16);
    String order = new String(read(entry, 0, (int) entry.getSize()), StandardCharsets.US_ASCII);
    if (!order.equals("little")) {
      throw failure("its byte order is '" + order + "', only 'little' is supported");
    }
  }

  /** An entry. PyTorch does not compress: nothing here can be larger than the file. */
  private ZipEntry entry(String name, long maxBytes) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw failure("has no entry " + name);
    }
    long size = entry.getSize();
    if (entry.getMethod() != ZipEntry.STORED || entry.getCompressedSize() != size) {
      throw failure(name + " is compressed, which PyTorch never does");
    }
    if (size < 0 || size > maxBytes || size > Files.size(file)) {
      throw failure("%s would have %s bytes, too many".formatted(name, size));
    }
    return entry;
  }

  private byte[] read(ZipEntry entry, long from, int length) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      in.skipNBytes(from);
      byte[] bytes = in.readNBytes(length);
      if (bytes.length != length) {
        throw failure(
            "%s is truncated: %s of %s bytes".formatted(entry.getName(), bytes.length, length));
      }
      return bytes;
    } catch (ZipException | EOFException e) {
      throw new IOException(file + ": a broken zip archive: " + e, e);
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  private IOException failure(String reason) {
    return new IOException(file + ": " + reason);
  }
}
