package io.github.pix2pixzero.tensor.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableLongArray;
import io.github.pix2pixzero.tensor.io.SafetensorsFile.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The JSON header of a safetensors file, checked as the reference implementation checks it: every
 * tensor's byte range agrees with its type and shape, and the ranges cover the data exactly.
 */
final class SafetensorsHeader {
  /** The longest header the format allows, in bytes. */
  static final int MAX_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(16).maxNumberLength(32).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final String file;
  private final long dataBytes;
  private final List<Entry> entries = new ArrayList<>();
  private ImmutableMap<String, String> metadata = ImmutableMap.of();

  private SafetensorsHeader(String file, long dataBytes) {
    this.file = file;
    this.dataBytes = dataBytes;
  }

  /**
   * Parses and checks a header.
   *
   * @param file the file's name for messages
   * @param header the bytes of the JSON text
   * @param dataBytes how many bytes follow the header
   * @throws SafetensorsException if the header is malformed or does not fit the data
   */
  static SafetensorsHeader parse(String file, ByteBuffer header, long dataBytes)
      throws SafetensorsException {
    var result = new SafetensorsHeader(file, dataBytes);
    CharBuffer text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(header);
    } catch (CharacterCodingException e) {
      throw new SafetensorsException(file, "the header is not valid UTF-8", e);
    }
    // The reference implementation allows white space before the object since its version 0.8.
    int start = 0;
    while (start < text.remaining() && " \t\r\n".indexOf(text.get(start)) >= 0) {
      start++;
    }
    if (start == text.remaining() || text.get(start) != '{') {
      throw result.malformed("the header is not a JSON object");
    }
    try (JsonParser json = JSON.createParser(text.array(), 0, text.remaining())) {
      result.readTop(json);
    } catch (JsonProcessingException e) {
      throw new SafetensorsException(
          file, "the header is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (SafetensorsException e) {
      throw e;
    } catch (IOException e) {
      throw new SafetensorsException(file, "the header cannot be read", e);
    }
    result.checkLayout();
    return result;
  }

  /** The tensors by name, in the order of their data. */
  ImmutableMap<String, Entry> entries() {
    return entries.stream().collect(ImmutableMap.toImmutableMap(Entry::name, e -> e));
  }

  ImmutableMap<String, String> metadata() {
    return metadata;
  }

  private void readTop(JsonParser json) throws IOException {
    json.nextToken();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      if (name.equals(METADATA)) {
        metadata = readMetadata(json);
      } else {
        entries.add(readEntry(name, json));
      }
    }
    if (json.nextToken() != null) {
      throw malformed("the header goes on after its JSON object");
    }
  }

  private ImmutableMap<String, String> readMetadata(JsonParser json) throws IOException {
    if (!json.isExpectedStartObjectToken()) {
      throw malformed(METADATA + " is not a JSON object");
    }
    var result = ImmutableMap.<String, String>builder();
    for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
      String value = json.nextTextValue();
      if (value == null) {
        throw malformed(METADATA + " '" + key + "' is not a string");
      }
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) { // Jackson checks names alone
        throw malformed(METADATA + " '" + key + "' holds half a surrogate pair");
      }
      result.put(key, value);
    }
    return result.buildOrThrow();
  }

  private Entry readEntry(String name, JsonParser json) throws IOException {
    if (!json.isExpectedStartObjectToken()) {
      throw malformed(name, "is not described by a JSON object");
    }
    StoredType type = null;
    long[] shape = null;
    long[] offsets = null;
    for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
      json.nextToken();
      switch (key) {
        case "dtype" -> type = readType(name, json);
        case "shape" -> shape = readSizes(name, key, json);
        case "data_offsets" -> offsets = readSizes(name, key, json);
        default -> json.skipChildren(); // the reference implementation ignores other keys too
      }
    }
    if (type == null || shape == null || offsets == null) {
      String missing = type == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw malformed(name, "has no " + missing);
    }
    return checkedEntry(name, type, shape, offsets);
  }

  private StoredType readType(String name, JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      for (StoredType type : StoredType.values()) {
        if (type.name().equals(json.getText())) {
          return type;
        }
      }
    }
    throw malformed(
        name,
        "has unknown dtype '%s'; known are %s"
            .formatted(json.getText(), Joiner.on(", ").join(StoredType.values())));
  }

  private long[] readSizes(String name, String key, JsonParser json) throws IOException {
    if (!json.isExpectedStartArrayToken()) {
      throw malformed(name, "has a " + key + " that is not an array");
    }
    ImmutableLongArray.Builder sizes = ImmutableLongArray.builder();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
          || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || json.getLongValue() < 0) {
        throw malformed(name, "has %s in its %s, not a size".formatted(describe(json), key));
      }
      sizes.add(json.getLongValue());
    }
    return sizes.build().toArray();
  }

  private Entry checkedEntry(String name, StoredType type, long[] shape, long[] offsets)
      throws SafetensorsException {
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw malformed(
          name, "has data_offsets " + Arrays.toString(offsets) + ", not a begin and an end");
    }
    long elements = 1;
    long bytes;
    try {
      for (long size : shape) {
        elements = Math.multiplyExact(elements, size);
      }
      bytes = Math.multiplyExact(elements, (long) type.byteSize());
    } catch (ArithmeticException e) {
      throw malformed(name, "has shape " + Arrays.toString(shape) + ", which overflows");
    }
    if (offsets[1] - offsets[0] != bytes) {
      throw malformed(
          name,
          "needs %s bytes as %s%s, but its data_offsets %s hold %s"
              .formatted(
                  bytes,
                  type,
                  Arrays.toString(shape),
                  Arrays.toString(offsets),
                  offsets[1] - offsets[0]));
    }
    if (offsets[1] > dataBytes) {
      throw malformed(
          name,
          "ends at byte %s of the data, but only %s bytes are there; the file may be truncated"
              .formatted(offsets[1], dataBytes));
    }
    return new Entry(name, type, shape, elements, offsets[0], bytes);
  }

  /** Orders the entries by their data and requires that they cover it without hole or overlap. */
  private void checkLayout() throws SafetensorsException {
    entries.sort(Comparator.comparingLong(Entry::dataOffset).thenComparingLong(Entry::byteSize));
    long covered = 0;
    for (Entry entry : entries) {
      if (entry.dataOffset() != covered) {
        String fault = entry.dataOffset() < covered ? "overlaps the tensor" : "leaves a hole";
        throw malformed(
            entry.name(),
            "%s before it: it begins at byte %s of the data instead of %s"
                .formatted(fault, entry.dataOffset(), covered));
      }
      covered += entry.byteSize();
    }
    if (covered != dataBytes) {
      throw malformed("%s bytes follow the last tensor's data".formatted(dataBytes - covered));
    }
  }

  private static String describe(JsonParser json) throws IOException {
    return json.currentToken().isScalarValue() ? json.getText() : json.currentToken().name();
  }

  private SafetensorsException malformed(String tensor, String reason) {
    return malformed("tensor '" + tensor + "' " + reason);
  }

  private SafetensorsException malformed(String reason) {
    return new SafetensorsException(file, reason);
  }
}
