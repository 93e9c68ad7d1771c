package io.github.pix2pixzero.tensor.io;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A JSON object read key by key, as the {@code config.json} of a model. Errors name the file, the
 * key, and what was expected. A key that is null counts as absent.
 */
public final class JsonConfig {
  /** Python writes numbers that are not finite as no other JSON does. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private final JsonNode object;
  private final String file;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  private JsonConfig(JsonNode object, String file) {
    this.object = object;
    this.file = file;
  }

  /**
   * Reads an object.
   *
   * @param file its name in messages
   * @throws IOException if this is no JSON object
   */
  public static JsonConfig read(InputStream in, String file) throws IOException {
    JsonNode node;
    try {
      node = ForeignJson.read(() -> MAPPER.readTree(in));
    } catch (JacksonException e) {
      throw new IOException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
    if (node == null || !node.isObject()) {
      throw new IOException(file + " should hold a JSON object");
    }
    return new JsonConfig(node, file);
  }

  /**
   * An object made here.
   *
   * @param file its name in messages
   */
  public static JsonConfig of(Map<String, ?> object, String file) {
    return new JsonConfig(MAPPER.valueToTree(object), file);
  }

  /** The same object with another value for a key. */
  public JsonConfig with(String key, String value) {
    ObjectNode copy = object.deepCopy();
    return new JsonConfig(copy.put(key, value), file);
  }

  /** The object's name in messages. */
  public String file() {
    return file;
  }

  /** All keys, also those that are null, in the order of the file. */
  public ImmutableSet<String> keys() {
    return ImmutableSet.copyOf(object.fieldNames());
  }

  public boolean has(String key) {
    asked.add(key);
    return object.hasNonNull(key);
  }

  /**
   * Whether a key has a value that asks for something: anything but null, false, zero, and what is
   * empty or holds no other values than these.
   */
  public boolean says(String key) {
    asked.add(key);
    return says(object.path(key));
  }

  /**
   * The keys that {@linkplain #says say} something and that nobody has asked for, sorted.
   *
   * @param harmless keys that have no meaning for whoever reads this
   */
  public ImmutableSortedSet<String> unread(Set<String> harmless) {
    return keys().stream()
        .filter(key -> !asked.contains(key) && !harmless.contains(key) && says(object.path(key)))
        .collect(ImmutableSortedSet.toImmutableSortedSet(Comparator.naturalOrder()));
  }

  private static boolean says(JsonNode node) {
    if (node.isContainerNode()) {
      return Streams.stream(node).anyMatch(JsonConfig::says);
    }
    if (node.isNumber()) {
      return node.doubleValue() != 0;
    }
    return node.isTextual() ? !node.textValue().isEmpty() : node.booleanValue();
  }

  public int getInt(String key) {
    JsonNode node = required(key);
    if (!node.canConvertToExactIntegral() || !node.canConvertToInt()) {
      throw bad(key, "a whole number");
    }
    return node.intValue();
  }

  public int getInt(String key, int absent) {
    return has(key) ? getInt(key) : absent;
  }

  public double getDouble(String key, double absent) {
    if (!has(key)) {
      return absent;
    }
    if (!object.get(key).isNumber()) {
      throw bad(key, "a number");
    }
    return object.get(key).doubleValue();
  }

  public boolean getBoolean(String key, boolean absent) {
    if (!has(key)) {
      return absent;
    }
    if (!object.get(key).isBoolean()) {
      throw bad(key, "true or false");
    }
    return object.get(key).booleanValue();
  }

  public String getString(String key, String absent) {
    if (!has(key)) {
      return absent;
    }
    if (!object.get(key).isTextual()) {
      throw bad(key, "a string");
    }
    return object.get(key).textValue();
  }

  /**
   * A string that stands for one of a few values.
   *
   * @param names what each is called
   */
  public <E> E getEnum(String key, E absent, E[] values, Function<E, String> names) {
    String said = getString(key, names.apply(absent));
    return Arrays.stream(values)
        .filter(value -> names.apply(value).equals(said))
        .findFirst()
        .orElseThrow(
            () -> unsupported(key, Arrays.stream(values).map(names).collect(joining(", "))));
  }

  public boolean isArray(String key) {
    return has(key) && object.get(key).isArray();
  }

  public List<Integer> getInts(String key) {
    JsonNode node = array(key);
    return IntStream.range(0, node.size())
        .mapToObj(
            i -> {
              if (!node.get(i).canConvertToInt()) {
                throw bad(key, "an array of whole numbers");
              }
              return node.get(i).intValue();
            })
        .toList();
  }

  public List<Double> getDoubles(String key) {
    JsonNode node = array(key);
    return IntStream.range(0, node.size())
        .mapToObj(
            i -> {
              if (!node.get(i).isNumber()) {
                throw bad(key, "an array of numbers");
              }
              return node.get(i).doubleValue();
            })
        .toList();
  }

  public List<String> getStrings(String key) {
    JsonNode node = array(key);
    return IntStream.range(0, node.size()).mapToObj(i -> node.get(i).asText()).toList();
  }

  /** An object within this one; where it is absent, one in which everything is. */
  public JsonConfig at(String key) {
    if (has(key) && !object.get(key).isObject()) {
      throw bad(key, "an object");
    }
    JsonNode within = has(key) ? object.get(key) : MAPPER.createObjectNode();
    return new JsonConfig(within, file + ", " + key);
  }

  /** An object whose values are all strings, in the order of the file. */
  public ImmutableMap<String, String> getStringMap(String key) {
    JsonNode node = required(key);
    ImmutableMap.Builder<String, String> map = ImmutableMap.builder();
    if (!node.isObject()) {
      throw bad(key, "an object");
    }
    node.properties()
        .forEach(
            field -> {
              if (!field.getValue().isTextual()) {
                throw new IllegalArgumentException(
                    "%s: %s of %s should be a string".formatted(file, field.getKey(), key));
              }
              map.put(field.getKey(), field.getValue().textValue());
            });
    return map.buildOrThrow();
  }

  /**
   * Refuses a value that nothing here knows how to treat.
   *
   * @param supported what would have been understood
   */
  public IllegalArgumentException unsupported(String key, String supported) {
    return new IllegalArgumentException(
        "%s: %s is %s; supported: %s".formatted(file, key, object.path(key), supported));
  }

  private JsonNode array(String key) {
    JsonNode node = required(key);
    if (!node.isArray()) {
      throw bad(key, "an array");
    }
    return node;
  }

  private JsonNode required(String key) {
    if (!has(key)) {
      throw new IllegalArgumentException(file + " lacks " + key);
    }
    return object.get(key);
  }

  private IllegalArgumentException bad(String key, String expected) {
    return new IllegalArgumentException(
        "%s: %s should be %s, it is %s".formatted(file, key, expected, object.get(key)));
  }
}
