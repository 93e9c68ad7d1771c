package io.github.pix2pixzero.tensor.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Collects tensors and writes them as a safetensors file. The same tensors give the same bytes in
 * whatever order they were added: they are sorted by type, widest alignment first, then by name, as
 * the reference implementation does it.
 *
 * <p>Arrays are not copied but read when the file is written. Not thread safe.
 */
public final class SafetensorsWriter {
  /** The types in the order of their data. */
  private static final List<StoredType> TYPE_ORDER =
      List.of(
          StoredType.U64,
          StoredType.I64,
          StoredType.F64,
          StoredType.C64,
          StoredType.F32,
          StoredType.U32,
          StoredType.I32,
          StoredType.BF16,
          StoredType.F16,
          StoredType.U16,
          StoredType.I16,
          StoredType.F8_E5M2FNUZ,
          StoredType.F8_E4M3FNUZ,
          StoredType.F8_E8M0,
          StoredType.F8_E4M3,
          StoredType.F8_E5M2,
          StoredType.I8,
          StoredType.U8,
          StoredType.BOOL);

  private static final JsonFactory JSON = new JsonFactory();
  private static final int ALIGNMENT = 8;
  private static final int CHUNK_BYTES = 1 << 15;

  private final Map<String, Tensor> tensors = new TreeMap<>();
  private final Map<String, String> metadata = new TreeMap<>();

  /** Puts elements {@code from} (inclusive) to {@code to} into a little-endian buffer. */
  @FunctionalInterface
  private interface Encoder {
    void put(int from, int to, ByteBuffer out);
  }

  private record Tensor(String name, StoredType type, long[] shape, int length, Encoder encoder) {
    long byteSize() {
      return (long) length * type.byteSize();
    }
  }

  /**
   * Adds a tensor stored as F32.
   *
   * @param name a name not yet taken
   * @param shape its sizes, outermost first; empty for a scalar
   * @param values its elements, row-major
   * @return this
   * @throws IllegalArgumentException if the name is taken or reserved, or the shape does not fit
   */
  public SafetensorsWriter add(String name, long[] shape, float[] values) {
    return add(name, StoredType.F32, shape, values);
  }

  /**
   * Adds a floating-point tensor stored as F32, F64, F16 or BF16; the latter two round to nearest
   * even. Writing refuses finite values that F16 or BF16 cannot hold.
   *
   * @throws IllegalArgumentException if the name is taken or reserved, the shape does not fit, or
   *     the type is one of integers
   */
  public SafetensorsWriter add(String name, StoredType type, long[] shape, float[] values) {
    Encoder encoder =
        switch (type) {
          case F32 -> (from, to, out) -> out.asFloatBuffer().put(values, from, to - from);
          case F64 ->
              (from, to, out) -> {
                for (int i = from; i < to; i++) {
                  out.putDouble((i - from) * Double.BYTES, values[i]);
                }
              };
          case F16 ->
              (from, to, out) -> {
                for (int i = from; i < to; i++) {
                  short half = HalfPrecision.floatToHalf(values[i]);
                  checkRange(name, type, values[i], HalfPrecision.halfToFloat(half));
                  out.putShort((i - from) * Short.BYTES, half);
                }
              };
          case BF16 ->
              (from, to, out) -> {
                for (int i = from; i < to; i++) {
                  short bits = HalfPrecision.floatToBfloat16(values[i]);
                  checkRange(name, type, values[i], HalfPrecision.bfloat16ToFloat(bits));
                  out.putShort((i - from) * Short.BYTES, bits);
                }
              };
          default ->
              throw new IllegalArgumentException(
                  "tensor '" + name + "': floats cannot be stored as " + type);
        };
    return add(name, type, shape, values.length, encoder);
  }

  /**
   * As {@link #add(String, StoredType, long[], float[])}, for more tensors than memory holds.
   *
   * @param values makes the elements, at every writing anew; there should be as many as {@code
   *     shape} says
   */
  public SafetensorsWriter add(
      String name, StoredType type, long[] shape, Supplier<float[]> values) {
    int length = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    SafetensorsWriter single = new SafetensorsWriter();
    return add(
        name,
        type,
        shape,
        length,
        (from, to, out) -> {
          if (from == 0) {
            single.tensors.clear();
            single.add(name, type, shape, values.get());
          }
          single.tensors.get(name).encoder().put(from, to, out);
          if (to == length) {
            single.tensors.clear();
          }
        });
  }

  /**
   * Adds a tensor stored as I64.
   *
   * @throws IllegalArgumentException if the name is taken or reserved, or the shape does not fit
   */
  public SafetensorsWriter addLongs(String name, long[] shape, long[] values) {
    return add(
        name,
        StoredType.I64,
        shape,
        values.length,
        (from, to, out) -> out.asLongBuffer().put(values, from, to - from));
  }

  /**
   * Adds a tensor of any type as it is stored.
   *
   * @param bytes its elements, row-major, little-endian, from position to limit
   * @throws IllegalArgumentException if the name is taken or reserved, or the shape does not fit
   */
  public SafetensorsWriter addBytes(String name, StoredType type, long[] shape, ByteBuffer bytes) {
    int size = type.byteSize();
    if (bytes.remaining() % size != 0) {
      throw new IllegalArgumentException(
          "tensor '%s': %s bytes are no whole number of %s elements"
              .formatted(name, bytes.remaining(), type));
    }
    ByteBuffer source = bytes.slice();
    return add(
        name,
        type,
        shape,
        source.remaining() / size,
        (from, to, out) -> out.put(0, source, from * size, (to - from) * size));
  }

  /** Attaches a piece of text to the file, replacing the one of the same key. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, Objects.requireNonNull(value, key));
    return this;
  }

  private SafetensorsWriter add(
      String name, StoredType type, long[] shape, int length, Encoder encoder) {
    if (name.equals(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException("the tensor name '" + name + "' is reserved");
    }
    if (!holds(shape, length)) {
      throw new IllegalArgumentException(
          "tensor '%s': shape %s does not hold %s elements"
              .formatted(name, Arrays.toString(shape), length));
    }
    if (tensors.putIfAbsent(name, new Tensor(name, type, shape.clone(), length, encoder)) != null) {
      throw new IllegalArgumentException("there is already a tensor '" + name + "'");
    }
    return this;
  }

  private static boolean holds(long[] shape, int length) {
    long elements = 1;
    try {
      for (long size : shape) {
        if (size < 0) {
          return false;
        }
        elements = Math.multiplyExact(elements, size);
      }
    } catch (ArithmeticException e) {
      return false; // also where a later size is 0, as such a file would be refused
    }
    return elements == length;
  }

  /**
   * Writes the file, whole or not at all (see {@link AtomicFiles#write}).
   *
   * @throws IllegalArgumentException if a finite value is too large for its stored type, or names
   *     and metadata for a header
   * @throws IOException if the file cannot be written; what was there before is left alone
   */
  public void write(Path file) throws IOException {
    AtomicFiles.write(file, this::write);
  }

  /**
   * Writes the bytes of the file to a stream and leaves it open.
   *
   * @throws IllegalArgumentException if a finite value is too large for its stored type, or names
   *     and metadata for a header
   */
  public void write(OutputStream out) throws IOException {
    List<Tensor> sorted = new ArrayList<>(tensors.values());
    sorted.sort(
        Comparator.comparingInt((Tensor t) -> TYPE_ORDER.indexOf(t.type()))
            .thenComparing(Tensor::name));
    byte[] header = header(sorted);
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(chunk.putLong(0, header.length).array(), 0, Long.BYTES);
    out.write(header);
    for (Tensor tensor : sorted) {
      int step = CHUNK_BYTES / tensor.type().byteSize();
      for (int from = 0; from < tensor.length(); from += step) {
        int to = Math.min(tensor.length(), from + step);
        tensor.encoder().put(from, to, chunk.clear());
        out.write(chunk.array(), 0, (to - from) * tensor.type().byteSize());
      }
    }
  }

  private byte[] header(List<Tensor> sorted) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long offset = 0;
      for (Tensor tensor : sorted) {
        long[] range = {offset, offset += tensor.byteSize()};
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.type().name());
        json.writeFieldName("shape");
        json.writeArray(tensor.shape(), 0, tensor.shape().length);
        json.writeFieldName("data_offsets");
        json.writeArray(range, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    while (bytes.size() % ALIGNMENT != 0) {
      bytes.write(' ');
    }
    if (bytes.size() > SafetensorsHeader.MAX_BYTES) {
      throw new IllegalArgumentException(
          "names and metadata take a header of %s bytes, more than the %s allowed"
              .formatted(bytes.size(), SafetensorsHeader.MAX_BYTES));
    }
    return bytes.toByteArray();
  }

  private static void checkRange(String name, StoredType type, float value, float stored) {
    if (Float.isInfinite(stored) && !Float.isInfinite(value)) {
      throw new IllegalArgumentException(
          "tensor '%s': %s is too large for %s".formatted(name, value, type));
    }
  }
}
