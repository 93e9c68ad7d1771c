package io.github.pix2pixzero.server.internal.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ListMultimap;
import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * The parameters of a request, from JSON or a form. What nobody has asked for when {@link
 * #refuseOthers} is called is refused by name, so that nothing is ignored in silence.
 */
public final class Fields {
  private static final String DATA = "data:";
  static final Semaphore DECODING = new Semaphore(Limits.DECODED_AT_ONCE);

  private final ListMultimap<String, JsonNode> values;
  private final ListMultimap<String, byte[]> files;
  private final Set<String> known = new LinkedHashSet<>();

  Fields(ListMultimap<String, JsonNode> values, ListMultimap<String, byte[]> files) {
    this.values = values;
    this.files = files;
  }

  /** Those of a JSON object; null stands for a parameter that is not given. */
  static Fields of(JsonNode object) {
    ImmutableListMultimap.Builder<String, JsonNode> values = ImmutableListMultimap.builder();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      if (!entry.getValue().isNull()) {
        values.put(entry.getKey(), entry.getValue());
      }
    }
    return new Fields(values.build(), ImmutableListMultimap.of());
  }

  /** The parameters of an object within this one, refused by their own names. */
  public Fields within(String name) {
    JsonNode node = single(name).orElse(null);
    if (node == null) {
      return new Fields(ImmutableListMultimap.of(), ImmutableListMultimap.of());
    }
    if (!node.isObject()) {
      throw Refusal.of(name, "should be an object");
    }
    return of(node);
  }

  private Optional<JsonNode> single(String name) {
    known.add(name);
    List<JsonNode> given = values.get(name);
    if (given.size() > 1) {
      throw Refusal.of(name, "is given more than once");
    }
    return given.stream().findFirst();
  }

  /** A text; empty if it is not given or blank. */
  public Optional<String> text(String name) {
    Optional<JsonNode> node = single(name);
    node.ifPresent(
        value -> {
          if (!value.isTextual()) {
            throw Refusal.of(name, "should be a text");
          }
          if (value.textValue().length() > Limits.TEXT) {
            throw Refusal.of(name, "should have no more than " + Limits.TEXT + " characters");
          }
        });
    return node.map(JsonNode::textValue).map(String::strip).filter(text -> !text.isEmpty());
  }

  /** One of a few words. */
  public String choice(String name, String otherwise, Collection<String> choices) {
    String chosen = text(name).orElse(otherwise);
    if (!choices.contains(chosen)) {
      throw Refusal.of(name, "should be one of %s".formatted(String.join(", ", choices)));
    }
    return chosen;
  }

  /** A whole number within bounds. */
  public OptionalInt integer(String name, int least, int most) {
    OptionalLong number = whole(name, least, most);
    return number.isPresent() ? OptionalInt.of((int) number.getAsLong()) : OptionalInt.empty();
  }

  /** A whole number within bounds. */
  public OptionalLong whole(String name, long least, long most) {
    Optional<JsonNode> node = single(name);
    if (node.isEmpty()) {
      return OptionalLong.empty();
    }
    JsonNode value = node.get();
    long number = 0;
    boolean valid = value.isIntegralNumber() && value.canConvertToLong();
    if (valid) {
      number = value.longValue();
    } else if (value.isTextual() && value.textValue().matches("-?\\d{1,18}")) {
      number = Long.parseLong(value.textValue());
      valid = true;
    }
    if (!valid || number < least || number > most) {
      throw Refusal.of(name, "should be a whole number from %s to %s".formatted(least, most));
    }
    return OptionalLong.of(number);
  }

  /** A number within bounds. */
  public OptionalDouble number(String name, double least, double most) {
    Optional<JsonNode> node = single(name);
    if (node.isEmpty()) {
      return OptionalDouble.empty();
    }
    JsonNode value = node.get();
    double number = Double.NaN;
    if (value.isNumber()) {
      number = value.doubleValue();
    } else if (value.isTextual() && value.textValue().matches("-?\\d{1,9}(\\.\\d{1,9})?")) {
      number = Double.parseDouble(value.textValue());
    }
    if (!(number >= least && number <= most)) {
      throw Refusal.of(name, "should be a number from %s to %s".formatted(least, most));
    }
    return OptionalDouble.of(number);
  }

  public boolean flag(String name, boolean otherwise) {
    Optional<JsonNode> node = single(name);
    if (node.isEmpty()) {
      return otherwise;
    }
    if (node.get().isBoolean()) {
      return node.get().booleanValue();
    }
    return switch (node.get().asText()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw Refusal.of(name, "should be true or false");
    };
  }

  /** Refuses a parameter unless it has one of the values with which it changes nothing. */
  public void neutral(String name, Object... harmless) {
    for (JsonNode value : values.get(name)) {
      boolean empty = (value.isContainerNode() || value.isTextual()) && isEmpty(value);
      boolean among = false;
      for (Object other : harmless) {
        among |= isSame(value, other);
      }
      if (!empty && !among) {
        throw Refusal.of(name, "is not supported, other than as its default");
      }
    }
    known.add(name);
  }

  private static boolean isEmpty(JsonNode value) {
    return value.isTextual() ? value.textValue().isBlank() : value.isEmpty();
  }

  private static boolean isSame(JsonNode value, Object other) {
    return other instanceof Number number
        ? value.isNumber() && value.doubleValue() == number.doubleValue()
        : value.asText().equalsIgnoreCase(other.toString());
  }

  // ------------------------------------------------------------------ pictures

  /** The bytes of the pictures under a name: files of a form, base64 or data URLs of JSON. */
  public ImmutableList<byte[]> pictures(String name) {
    known.add(name);
    ImmutableList.Builder<byte[]> pictures = ImmutableList.builder();
    pictures.addAll(files.get(name));
    for (JsonNode value : values.get(name)) {
      if (value.isArray()) {
        value.forEach(item -> pictures.add(decoded(name, item)));
      } else {
        pictures.add(decoded(name, value));
      }
    }
    return pictures.build();
  }

  /** The bytes of the only picture under a name, if there is one. */
  public Optional<byte[]> picture(String name) {
    ImmutableList<byte[]> pictures = pictures(name);
    if (pictures.size() > 1) {
      throw Refusal.of(name, "should be one picture, it is " + pictures.size());
    }
    return pictures.stream().findFirst();
  }

  private static byte[] decoded(String name, JsonNode value) {
    JsonNode url = value.isObject() ? value.path("image_url") : value;
    if (!url.isTextual()) {
      throw Refusal.of(name, "should be a picture in base64 or a data URL");
    }
    String text = url.textValue();
    if (text.startsWith(DATA)) {
      int comma = text.indexOf(',');
      if (comma < 0 || !text.substring(0, comma).endsWith(";base64")) {
        throw Refusal.of(name, "should be a data URL in base64");
      }
      text = text.substring(comma + 1);
    } else if (text.contains("://")) {
      throw Refusal.of(name, "is an address, but no address is fetched; send the picture itself");
    }
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw Refusal.of(name, "is not base64");
    }
    return checkedSize(name, bytes);
  }

  static byte[] checkedSize(String name, byte[] bytes) {
    if (bytes.length > Limits.UPLOAD_BYTES) {
      throw new Refusal(413, "%s has more than %s MB".formatted(name, Limits.UPLOAD_BYTES >> 20));
    }
    return bytes;
  }

  /** Decodes a picture whose header promises no more pixels than are allowed. */
  public static BufferedImage decode(String name, byte[] bytes, Color background) {
    DECODING.acquireUninterruptibly();
    try {
      return PictureFiles.read(bytes, background, Limits.UPLOAD_PIXELS);
    } catch (IOException e) {
      throw Refusal.of(name, "cannot be read: " + e.getMessage());
    } finally {
      DECODING.release();
    }
  }

  // ------------------------------------------------------------------ the rest

  /** Refuses what nobody has asked for. */
  public void refuseOthers() {
    Set<String> others = new LinkedHashSet<>(values.keySet());
    others.addAll(files.keySet());
    others.removeAll(known);
    if (!others.isEmpty()) {
      throw Refusal.of(others.iterator().next(), "is no parameter of this request");
    }
  }
}
