package io.github.pix2pixzero.tensor.io;

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
 * The tensor of a file written by {@code torch.save(tensor, path)}, PyTorch 1.6 or later: a zip
 * archive of a pickle that describes the tensor and of the raw bytes of its storage.
 *
 * <p>A pickle is a program. {@link TensorPickle} runs the few instructions that a tensor needs,
 * creates no object that the file names, and refuses everything else, so files need not be trusted.
 */
public final class TorchTensor {
  /** What a zip archive begins with, and the file format of PyTorch before 1.6. */
  private static final int ZIP = 0x504b0304;

  private static final int LEGACY = 0x80028a0a;

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

  /** Far more than the few hundred bytes that one tensor takes. */
  private static final int MAX_PICKLE_BYTES = 1 << 16;

  private final StoredType type;
  private final long[] shape;
  private final float[] values;

  private TorchTensor(StoredType type, long[] shape, float[] values) {
    this.type = type;
    this.shape = shape;
    this.values = values;
  }

  /**
   * Whether a file begins like one of PyTorch's, readable here or not.
   *
   * @throws IOException if it cannot be read
   */
  public static boolean isTorchFile(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    int magic = magic(file);
    return magic == ZIP || magic == LEGACY;
  }

  /**
   * Reads a file that holds one tensor of torch.float32, float16, bfloat16 or float64.
   *
   * @throws IOException naming the file if it is missing, malformed, of the format before PyTorch
   *     1.6, or holds anything but one such tensor
   */
  public static TorchTensor read(Path file) throws IOException {
    int magic = magic(file);
    if (magic == LEGACY) {
      throw failure(
          file,
          "in PyTorch's file format from before 1.6; load it in Python and torch.save it again");
    }
    if (magic != ZIP) {
      throw failure(file, "not a file of PyTorch: it is no zip archive");
    }
    checkEntryCount(file);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return read(file, zip);
    } catch (ZipException | EOFException e) {
      throw new IOException(file + ": a broken zip archive: " + e, e);
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
          throw failure(
              file,
              "a zip archive too short for the %s entries it claims to have"
                  .formatted(Long.toUnsignedString(end.getLong(32))));
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

  private static TorchTensor read(Path file, ZipFile zip) throws IOException {
    List<String> pickles =
        zip.stream().map(ZipEntry::getName).filter(name -> name.endsWith(PICKLE)).toList();
    if (pickles.size() != 1) {
      throw failure(
          file,
          "a zip archive with %s entries …%s where one was expected; not a file of PyTorch?"
              .formatted(pickles.size(), PICKLE));
    }
    String pickle = pickles.get(0);
    String folder = pickle.substring(0, pickle.length() - PICKLE.length());
    checkByteOrder(file, zip, folder + "/byteorder");
    TensorPickle.View view =
        TensorPickle.parse(file + "!" + pickle, entry(file, zip, pickle, MAX_PICKLE_BYTES));
    String data = folder + "/data/" + view.key();
    byte[] storage = entry(file, zip, data, Integer.MAX_VALUE - 8);
    if (view.storageCount() != storage.length / view.type().byteSize()
        || storage.length % view.type().byteSize() != 0) {
      throw failure(
          file,
          "%s has %s bytes, which are not the %s elements of %s that %s announces"
              .formatted(data, storage.length, view.storageCount(), view.type(), pickle));
    }
    return new TorchTensor(view.type(), view.shape(), copy(view, storage));
  }

  private static void checkByteOrder(Path file, ZipFile zip, String name) throws IOException {
    if (zip.getEntry(name) == null) {
      return; // Files from before PyTorch 2.1 do not say, and are little-endian.
    }
    String order = new String(entry(file, zip, name, 16), StandardCharsets.US_ASCII);
    if (!order.equals("little")) {
      throw failure(file, "its byte order is '" + order + "', only 'little' is supported");
    }
  }

  /** The bytes of an entry. PyTorch does not compress: nothing here can be larger than the file. */
  private static byte[] entry(Path file, ZipFile zip, String name, int maxBytes)
      throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw failure(file, "has no entry " + name);
    }
    long size = entry.getSize();
    if (entry.getMethod() != ZipEntry.STORED || entry.getCompressedSize() != size) {
      throw failure(file, name + " is compressed, which PyTorch never does");
    }
    if (size < 0 || size > maxBytes || size > Files.size(file)) {
      throw failure(file, "%s would have %s bytes, too many".formatted(name, size));
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes((int) size);
      if (bytes.length != size) {
        throw failure(file, "%s is truncated: %s of %s bytes".formatted(name, bytes.length, size));
      }
      return bytes;
    }
  }

  /** The elements in row-major order, wherever the strides say they are. */
  private static float[] copy(TensorPickle.View view, byte[] storage) {
    ByteBuffer bytes = ByteBuffer.wrap(storage).order(ByteOrder.LITTLE_ENDIAN);
    long[] shape = view.shape();
    long[] strides = view.strides();
    float[] values = new float[(int) view.count()];
    long[] index = new long[shape.length];
    long position = view.offset();
    for (int i = 0; i < values.length; i++) {
      values[i] = element(view.type(), bytes, (int) position);
      for (int d = shape.length - 1; d >= 0; d--) {
        position += strides[d];
        if (++index[d] < shape[d]) {
          break;
        }
        position -= strides[d] * shape[d];
        index[d] = 0;
      }
    }
    return values;
  }

  private static float element(StoredType type, ByteBuffer bytes, int index) {
    int at = index * type.byteSize();
    return switch (type) {
      case F32 -> bytes.getFloat(at);
      case F64 -> (float) bytes.getDouble(at);
      case F16 -> HalfPrecision.halfToFloat(bytes.getShort(at));
      case BF16 -> HalfPrecision.bfloat16ToFloat(bytes.getShort(at));
      default -> throw new AssertionError(type);
    };
  }

  private static int magic(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(Integer.BYTES);
      return start.length < Integer.BYTES ? 0 : ByteBuffer.wrap(start).getInt();
    }
  }

  private static IOException failure(Path file, String reason) {
    return new IOException(file + ": " + reason);
  }

  /** The type its elements were stored in. */
  public StoredType type() {
    return type;
  }

  /** Its sizes, outermost first; empty for a scalar. A fresh array. */
  public long[] shape() {
    return shape.clone();
  }

  /** Its elements, row-major: half precision exactly, double precision rounded. A fresh array. */
  public float[] toFloats() {
    return values.clone();
  }
}
