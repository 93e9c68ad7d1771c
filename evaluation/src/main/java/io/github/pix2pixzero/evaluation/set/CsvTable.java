package io.github.pix2pixzero.evaluation.set;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.evaluation.measure.Comparison.Texts;
import io.github.pix2pixzero.evaluation.measure.Region;
import io.github.pix2pixzero.evaluation.set.EvaluationSet.Layout;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A set of one's own, as a table in UTF-8 whose first line names the columns: {@code picture},
 * {@code caption} and {@code target_caption}, and if wanted {@code mask} (a picture, white where it
 * is to be edited), {@code kind} and {@code id}, by default the picture's name. Paths are relative
 * to the table. Values with commas, quotes or line breaks are in quotes, as in RFC 4180.
 */
public final class CsvTable {
  /** What the table of a folder is called. */
  public static final String NAME = "samples.csv";

  private static final ImmutableSet<String> REQUIRED =
      ImmutableSet.of("picture", "caption", "target_caption");
  private static final ImmutableSet<String> OPTIONAL = ImmutableSet.of("mask", "kind", "id");

  private CsvTable() {}

  private record CsvSample(
      String id, String kind, Path file, Optional<Texts> texts, Optional<Path> mask)
      implements Sample {
    @Override
    public String resultName() {
      return id + ".png";
    }

    @Override
    public Optional<Region> region() throws IOException {
      return mask.isPresent()
          ? Optional.of(Region.of(PictureFiles.read(mask.get())))
          : Optional.empty();
    }
  }

  /**
   * Reads a table.
   *
   * @throws IOException naming the line, if it is malformed or lacks what it needs
   */
  public static EvaluationSet read(Path table) throws IOException {
    List<List<String>> records;
    try {
      records = records(Files.readString(table), table);
    } catch (CharacterCodingException e) {
      throw new IOException(table + " is not UTF-8", e);
    }
    if (records.isEmpty()) {
      throw new IOException(table + " is empty; its first line should name the columns");
    }
    List<String> columns =
        records.get(0).stream()
            .map(name -> name.strip().toLowerCase(Locale.ROOT).replace(' ', '_'))
            .toList();
    for (String name : REQUIRED) {
      if (!columns.contains(name)) {
        throw new IOException(
            "%s has no column %s, but %s".formatted(table, name, String.join(", ", columns)));
      }
    }
    for (String name : columns) {
      if (!REQUIRED.contains(name) && !OPTIONAL.contains(name)) {
        throw new IOException(
            "%s: there is no meaning to a column %s, only to %s and %s"
                .formatted(table, name, REQUIRED, OPTIONAL));
      }
    }
    Path folder = table.toAbsolutePath().getParent();
    ImmutableList.Builder<Sample> samples = ImmutableList.builder();
    Set<String> ids = new HashSet<>();
    for (List<String> line : records.subList(1, records.size())) {
      Sample sample = sample(table, folder, columns, line);
      if (!ids.add(sample.id())) {
        throw new IOException(
            "%s has two lines of the id %s; a column id can tell them apart"
                .formatted(table, sample.id()));
      }
      samples.add(sample);
    }
    return new EvaluationSet(Layout.CSV, folder, samples.build());
  }

  private static Sample sample(Path table, Path folder, List<String> columns, List<String> line)
      throws IOException {
    if (line.size() != columns.size()) {
      throw new IOException(
          "%s: a line has %s values where there are %s columns: %s"
              .formatted(table, line.size(), columns.size(), line));
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      values.put(columns.get(i), line.get(i).strip());
    }
    for (String name : REQUIRED) {
      if (values.get(name).isEmpty()) {
        throw new IOException("%s: a line has no %s: %s".formatted(table, name, line));
      }
    }
    Path picture = folder.resolve(values.get("picture"));
    String id = values.getOrDefault("id", "");
    String mask = values.getOrDefault("mask", "");
    return new CsvSample(
        id.isEmpty() ? MoreFiles.getNameWithoutExtension(picture) : id,
        values.getOrDefault("kind", ""),
        picture,
        Optional.of(new Texts(values.get("caption"), values.get("target_caption"))),
        mask.isEmpty() ? Optional.empty() : Optional.of(folder.resolve(mask)));
  }

  /** The values of every line that is not blank. */
  static List<List<String>> records(String text, Path table) throws IOException {
    List<List<String>> records = new ArrayList<>();
    List<String> record = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    boolean quoted = false;
    String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      if (quoted) {
        boolean twice = c == '"' && i + 1 < content.length() && content.charAt(i + 1) == '"';
        if (c == '"' && !twice) {
          quoted = false;
        } else {
          value.append(c);
          i += twice ? 1 : 0;
        }
      } else if (c == '"' && value.toString().isBlank()) {
        value.setLength(0);
        quoted = true;
      } else if (c == ',') {
        record.add(value.toString());
        value.setLength(0);
      } else if (c == '\n') {
        end(records, record, value);
        record = new ArrayList<>();
      } else if (c != '\r') {
        value.append(c);
      }
    }
    if (quoted) {
      throw new IOException(table + ": a quote is not closed");
    }
    end(records, record, value);
    return records;
  }

  private static void end(List<List<String>> records, List<String> record, StringBuilder value) {
    if (!record.isEmpty() || !value.toString().isBlank()) {
      record.add(value.toString());
      records.add(record);
    }
    value.setLength(0);
  }
}
