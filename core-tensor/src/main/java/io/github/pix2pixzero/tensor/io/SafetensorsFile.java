package io.github.pix2pixzero.tensor.io;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * A safetensors file, open for reading. Its header is parsed and checked on opening, the tensors
 * are read from the memory-mapped file when asked for. Files may be of any length, a single tensor
 * may have up to 2 GiB.
 *
 * <p>Thread safe. The file must not be shortened while it is open: as with every mapped file, the
 * bytes that went missing would then fail with an {@link InternalError}.
 */
public final class SafetensorsFile implements TensorSource {
  private static final int PREFIX_BYTES = Long.BYTES;

  /** What a Git LFS pointer file begins with, read as a little-endian number. */
  private static final long GIT_LFS_POINTER = 0x206e6f6973726576L; // "version "

  private final String displayName;
  private final ByteSource source;
  private final long dataStart;
  private final ImmutableMap<String, Entry> entries;
  private final ImmutableMap<String, String> metadata;
  private volatile boolean closed;

  /** Takes ownership of {@code source}, also when it throws. */
  SafetensorsFile(ByteSource source, String displayName) throws IOException {
    this.displayName = displayName;
    this.source = source;
    try {
      int headerBytes = readHeaderLength();
      dataStart = (long) PREFIX_BYTES + headerBytes;
      SafetensorsHeader header =
          SafetensorsHeader.parse(
              displayName, source.slice(PREFIX_BYTES, headerBytes), source.size() - dataStart);
      entries = header.entries();
      metadata = header.metadata();
    } catch (IOException | RuntimeException | Error e) {
      source.close();
      throw e;
    }
  }

  /**
   * Opens a file.
   *
   * @throws SafetensorsException if the file is malformed
   * @throws IOException if it cannot be read
   */
  public static SafetensorsFile open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new SafetensorsException(file.toString(), "a folder, not a file");
    }
    return new SafetensorsFile(new MappedSource(file), file.toString());
  }

  /**
   * Reads from memory, for example a class-path resource.
   *
   * @param bytes the whole file, from position to limit; used in place, so it must not change
   * @param displayName what to call it in messages
   * @throws SafetensorsException if the bytes are malformed
   */
  public static SafetensorsFile of(ByteBuffer bytes, String displayName) throws IOException {
    return new SafetensorsFile(new HeapSource(bytes), displayName);
  }

  /** As {@link #of(ByteBuffer, String)}. */
  public static SafetensorsFile of(byte[] bytes, String displayName) throws IOException {
    return of(ByteBuffer.wrap(bytes), displayName);
  }

  private int readHeaderLength() throws IOException {
    if (source.size() < PREFIX_BYTES) {
      throw failure("truncated: %s bytes are too few for any header".formatted(source.size()));
    }
    long length = source.slice(0, PREFIX_BYTES).getLong();
    if (length == GIT_LFS_POINTER) {
      throw failure("this is a Git LFS pointer, not the file itself; fetch it with 'git lfs pull'");
    }
    if (length < 0 || length > SafetensorsHeader.MAX_BYTES) {
      throw failure(
          "its header would have %s bytes, more than the %s allowed; not a safetensors file?"
              .formatted(Long.toUnsignedString(length), SafetensorsHeader.MAX_BYTES));
    }
    if (length > source.size() - PREFIX_BYTES) {
      throw failure(
          "truncated: its header should have %s bytes, but %s bytes are left"
              .formatted(length, source.size() - PREFIX_BYTES));
    }
    return (int) length;
  }

  /** What this file is called in messages: its path, or the name given to {@link #of}. */
  @Override
  public String displayName() {
    return displayName;
  }

  /** The tensors' names, in the order of their data. */
  @Override
  public ImmutableSet<String> names() {
    return entries.keySet();
  }

  /** The free text attached to the file; empty if there is none. */
  public ImmutableMap<String, String> metadata() {
    return metadata;
  }

  @Override
  public StoredTensor tensor(String name) throws SafetensorsException {
    Entry entry = entry(name);
    return StoredTensor.of(
        displayName + ": " + entry, entry.type(), entry.shape(), () -> readBytes(name));
  }

  /**
   * Describes a tensor.
   *
   * @throws SafetensorsException if there is none of this name
   */
  public Entry entry(String name) throws SafetensorsException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw failure("there is no tensor '" + name + "'");
    }
    return entry;
  }

  /**
   * The bytes of a tensor: row-major, little-endian, read-only. The view stays readable after
   * {@link #close}.
   *
   * @throws SafetensorsException if there is no such tensor or it is larger than 2 GiB
   * @throws IllegalStateException if the file is closed
   */
  public ByteBuffer readBytes(String name) throws IOException {
    Entry entry = entry(name);
    if (entry.byteSize() > Integer.MAX_VALUE) {
      throw failure(entry + " is larger than 2 GiB and cannot be read at once");
    }
    if (closed) {
      throw new IllegalStateException(displayName + " is closed");
    }
    return source.slice(dataStart + entry.dataOffset(), (int) entry.byteSize());
  }

  /**
   * Reads a floating-point tensor, row-major, whichever precision it is stored in. F64 is rounded
   * to nearest, all others are exact.
   *
   * @throws SafetensorsException if there is no such tensor, it holds integers, or it is too large
   */
  public float[] readFloats(String name) throws IOException {
    float[] result = new float[arrayLength(name)];
    readFloats(name, result, 0);
    return result;
  }

  /**
   * As {@link #readFloats(String)}, into {@code dst} from {@code offset} on.
   *
   * @throws IndexOutOfBoundsException if the tensor does not fit there
   */
  public void readFloats(String name, float[] dst, int offset) throws IOException {
    Entry entry = entry(name);
    if (!entry.type().isFloating()) {
      throw failure(entry + " does not hold floating-point numbers");
    }
    Objects.checkFromIndexSize(offset, arrayLength(name), dst.length);
    entry.type().decode(readBytes(name), dst, offset);
  }

  /**
   * Reads a tensor of integers or truth values (0 and 1), row-major.
   *
   * @throws SafetensorsException if there is no such tensor, it holds no integers, or it is too
   *     large
   */
  public long[] readLongs(String name) throws IOException {
    Entry entry = entry(name);
    if (!entry.type().isInteger()) {
      throw failure(entry + " does not hold integers");
    }
    return entry.type().decodeLongs(readBytes(name));
  }

  /** Closes the file. Reading tensors from it afterwards throws {@link IllegalStateException}. */
  @Override
  public void close() throws IOException {
    closed = true;
    source.close();
  }

  @Override
  public String toString() {
    return displayName + " (" + entries.size() + " tensors)";
  }

  private int arrayLength(String name) throws SafetensorsException {
    Entry entry = entry(name);
    int length = Ints.saturatedCast(entry.elementCount());
    if (entry.byteSize() > Integer.MAX_VALUE || length > Integer.MAX_VALUE - 8) {
      throw failure(entry + " is larger than 2 GiB and cannot be read at once");
    }
    return length;
  }

  private SafetensorsException failure(String reason) {
    return new SafetensorsException(displayName, reason);
  }

  /** What the header says about one tensor. */
  public static final class Entry {
    private final String name;
    private final StoredType type;
    private final long[] shape;
    private final long elementCount;
    private final long dataOffset;
    private final long byteSize;

    Entry(
        String name,
        StoredType type,
        long[] shape,
        long elementCount,
        long dataOffset,
        long byteSize) {
      this.name = name;
      this.type = type;
      this.shape = shape;
      this.elementCount = elementCount;
      this.dataOffset = dataOffset;
      this.byteSize = byteSize;
    }

    /** The tensor's name. */
    public String name() {
      return name;
    }

    /** The type its elements are stored in. */
    public StoredType type() {
      return type;
    }

    /** Its sizes, outermost first; empty for a scalar. A fresh array. */
    public long[] shape() {
      return shape.clone();
    }

    /** The product of its sizes. */
    public long elementCount() {
      return elementCount;
    }

    /** Bytes of its data. */
    public long byteSize() {
      return byteSize;
    }

    /** Where its data begins, counted from the end of the header. */
    long dataOffset() {
      return dataOffset;
    }

    /** For messages: {@code tensor 'conv_in.weight' F16[320, 4, 3, 3]}. */
    @Override
    public String toString() {
      return "tensor '" + name + "' " + type + Arrays.toString(shape);
    }
  }
}
