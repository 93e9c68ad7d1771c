package io.github.pix2pixzero.tensor.io;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A tensor where it lies in a file, or some of its rows. A handle: it holds no elements. */
public final class StoredTensor {
  private final SafetensorsFile file;
  private final SafetensorsFile.Entry entry;
  private final long fromRow;
  private final long[] shape;

  private StoredTensor(
      SafetensorsFile file, SafetensorsFile.Entry entry, long fromRow, long[] shape) {
    this.file = file;
    this.entry = entry;
    this.fromRow = fromRow;
    this.shape = shape;
  }

  static StoredTensor of(SafetensorsFile file, String name) throws SafetensorsException {
    SafetensorsFile.Entry entry = file.entry(name);
    return new StoredTensor(file, entry, 0, entry.shape());
  }

  /**
   * The rows {@code [from, to)} of this one, along its first axis.
   *
   * @throws IllegalArgumentException if it has no such rows
   */
  public StoredTensor rows(long from, long to) {
    checkArgument(
        shape.length > 0 && 0 <= from && from <= to && to <= shape[0],
        "%s has no rows %s to %s",
        this,
        from,
        to);
    long[] part = shape.clone();
    part[0] = to - from;
    return new StoredTensor(file, entry, fromRow + from, part);
  }

  /** The type its elements are stored in. */
  public StoredType type() {
    return entry.type();
  }

  /** Its sizes, outermost first; empty for a scalar. A fresh array. */
  public long[] shape() {
    return shape.clone();
  }

  /** The product of its sizes. */
  public long elementCount() {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  /** Bytes of its data. */
  public long byteSize() {
    return elementCount() * type().byteSize();
  }

  /** Row-major, little-endian, read-only. As {@link SafetensorsFile#readBytes}. */
  public ByteBuffer bytes() throws IOException {
    ByteBuffer whole = file.readBytes(entry.name());
    return whole
        .slice(Ints.checkedCast(offset() * type().byteSize()), Ints.checkedCast(byteSize()))
        .order(whole.order());
  }

  /** The elements in row-major order. As {@link SafetensorsFile#readFloats(String)}. */
  public float[] floats() throws IOException {
    float[] whole = file.readFloats(entry.name());
    int from = (int) offset();
    int count = (int) elementCount();
    return count == whole.length ? whole : Arrays.copyOfRange(whole, from, from + count);
  }

  private long offset() {
    return fromRow == 0 ? 0 : fromRow * (elementCount() / shape[0]);
  }

  /** For messages: the file, and the tensor's name and shape there. */
  @Override
  public String toString() {
    return file.displayName() + ": " + entry;
  }
}
