package io.github.pix2pixzero.tensor.io;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;

/** A tensor where it lies in a file, or some of its rows. A handle: it holds no elements. */
public final class StoredTensor {
  private final String description;
  private final StoredType storedType;
  private final long fromRow;
  private final long[] shape;
  private final Bytes data;

  private StoredTensor(
      String description, StoredType storedType, long fromRow, long[] shape, Bytes data) {
    this.description = description;
    this.storedType = storedType;
    this.fromRow = fromRow;
    this.shape = shape;
    this.data = data;
  }

  /**
   * A tensor that lies elsewhere, or is computed when it is asked for.
   *
   * @param description for messages
   * @param type of the elements of {@code data}
   * @param data all elements, row-major and little-endian, as often as they are asked for
   */
  public static StoredTensor of(String description, StoredType type, long[] shape, Bytes data) {
    return new StoredTensor(description, type, 0, shape.clone(), data);
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
    return new StoredTensor(description, storedType, fromRow + from, part, data);
  }

  /**
   * This tensor with other elements: computed in single precision whenever it is read, and handed
   * out in the type that this one is.
   *
   * @param change changes all the elements, which are in row-major order
   */
  public StoredTensor changed(Consumer<float[]> change) {
    StoredType type = type();
    return of(
        description,
        type,
        shape,
        () -> {
          float[] elements = floats();
          change.accept(elements);
          ByteBuffer bytes =
              ByteBuffer.allocate(Ints.checkedCast((long) elements.length * type.byteSize()))
                  .order(ByteOrder.LITTLE_ENDIAN);
          type.encode(elements, bytes);
          return bytes.flip();
        });
  }

  /**
   * The type of its elements as they are read: the one they are {@linkplain #storedType() stored}
   * in, but {@link StoredType#F16} for what is smaller and has no arithmetic here.
   */
  public StoredType type() {
    return storedType.isQuarter() ? StoredType.F16 : storedType;
  }

  /** The type its elements are stored in. */
  public StoredType storedType() {
    return storedType;
  }

  /** Its sizes, outermost first; empty for a scalar. A fresh array. */
  public long[] shape() {
    return shape.clone();
  }

  /** The product of its sizes. */
  public long elementCount() {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  /** Bytes of its data as it is stored. */
  public long byteSize() {
    return elementCount() * storedType.byteSize();
  }

  /** Row-major, little-endian, read-only, of {@link #type()}. */
  public ByteBuffer bytes() throws IOException {
    ByteBuffer stored = storedBytes();
    if (!storedType.isQuarter()) {
      return stored;
    }
    ByteBuffer halves =
        ByteBuffer.allocate(Ints.checkedCast(2L * stored.remaining()))
            .order(ByteOrder.LITTLE_ENDIAN);
    halves.asShortBuffer().put(Float8.toHalves(storedType, stored));
    return halves.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The elements in row-major order, as {@link StoredType#decode(ByteBuffer, float[], int)}.
   *
   * @throws IllegalArgumentException naming the tensor if it holds no floating-point numbers
   */
  public float[] floats() throws IOException {
    checkArgument(storedType.isFloating(), "%s does not hold floating-point numbers", this);
    float[] floats = new float[Ints.checkedCast(elementCount())];
    storedType.decode(storedBytes(), floats, 0);
    return floats;
  }

  /**
   * The elements in row-major order, as {@link StoredType#decodeLongs(ByteBuffer)}.
   *
   * @throws IllegalArgumentException naming the tensor if it holds no integers
   */
  public long[] longs() throws IOException {
    checkArgument(storedType.isInteger(), "%s does not hold integers", this);
    return storedType.decodeLongs(storedBytes());
  }

  private ByteBuffer storedBytes() throws IOException {
    ByteBuffer whole = data.read();
    long offset = fromRow == 0 ? 0 : fromRow * (elementCount() / shape[0]);
    return whole
        .slice(Ints.checkedCast(offset * storedType.byteSize()), Ints.checkedCast(byteSize()))
        .order(whole.order());
  }

  /** For messages: the file, and the tensor's name and shape there. */
  @Override
  public String toString() {
    return description;
  }

  /** Where a tensor's bytes come from. */
  @FunctionalInterface
  public interface Bytes {
    /** All of them, in little-endian order. */
    ByteBuffer read() throws IOException;
  }
}
