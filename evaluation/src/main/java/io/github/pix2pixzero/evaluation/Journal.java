package io.github.pix2pixzero.evaluation;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The rows of an evaluation as they come, one JSON object a line, so that a run that was cut off
 * goes on. A later line of a result stands in for an earlier one; a line that was cut off is as if
 * it were not there.
 */
final class Journal {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;

  Journal(Path file) {
    this.file = file;
  }

  /** What tells rows apart. */
  record Key(String method, String id) {
    static Key of(Row row) {
      return new Key(row.method(), row.id());
    }
  }

  /** The rows so far. */
  Map<Key, Row> read() throws IOException {
    Map<Key, Row> rows = new LinkedHashMap<>();
    if (Files.notExists(file)) {
      return rows;
    }
    String text = Files.readString(file);
    int whole = text.lastIndexOf('\n') + 1;
    for (String line : text.substring(0, whole).split("\n", -1)) {
      if (!line.isBlank()) {
        try {
          Row row = JSON.readValue(line, Row.class);
          rows.put(Key.of(row), row);
        } catch (JacksonException e) {
          throw new IOException(file + ": " + e.getOriginalMessage(), e);
        }
      }
    }
    if (whole < text.length()) {
      Files.writeString(file, text.substring(0, whole));
    }
    return rows;
  }

  void append(Row row) throws IOException {
    byte[] line = (JSON.writeValueAsString(row) + "\n").getBytes(StandardCharsets.UTF_8);
    Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
