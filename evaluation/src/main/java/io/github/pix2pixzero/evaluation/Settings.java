package io.github.pix2pixzero.evaluation;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.evaluation.measure.Measure;
import io.github.pix2pixzero.evaluation.set.EvaluationSet;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import io.github.pix2pixzero.tensor.io.ForeignJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the numbers of an evaluation depend on, beside the {@linkplain Row#of samples}.
 *
 * @param set where it lies, which makes no difference
 * @param measures by name, how each is taken
 * @param methods by name, what its results depend on
 */
record Settings(String set, Map<String, String> measures, Map<String, String> methods) {
  private static final String FILE = "settings.json";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  static Settings of(
      EvaluationSet set, List<? extends Measure> measures, List<MethodResults> methods) {
    Map<String, String> how = new LinkedHashMap<>();
    measures.forEach(measure -> how.put(measure.title(), measure.settings()));
    Map<String, String> by = new LinkedHashMap<>();
    methods.forEach(method -> by.put(method.method(), method.settings()));
    return new Settings(set.folder().toAbsolutePath().normalize().toString(), how, by);
  }

  /**
   * Writes down for what a folder is used. Methods and measures may be added later; settings
   * without any results, of an evaluation that failed before the first, are replaced.
   *
   * @throws IOException if it is used for the same with other settings, so that nothing is mixed
   */
  void claim(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    Settings all = this;
    if (Files.exists(file)) {
      Settings before = read(file);
      if (hasMore(folder)) {
        all =
            new Settings(
                set,
                joined(folder, "measure", before.measures, measures),
                joined(folder, "method", before.methods, methods));
      }
    }
    Settings written = all;
    AtomicFiles.write(file, stream -> JSON.writeValue(stream, written));
  }

  /** Whether a folder holds anything besides settings. */
  private static boolean hasMore(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> !file.endsWith(FILE));
    }
  }

  private static Settings read(Path file) throws IOException {
    try {
      return ForeignJson.read(() -> JSON.readValue(file.toFile(), Settings.class));
    } catch (JacksonException e) {
      throw new IOException(file + ": " + e.getOriginalMessage(), e);
    }
  }

  private static Map<String, String> joined(
      Path folder, String what, Map<String, String> before, Map<String, String> now)
      throws IOException {
    Map<String, String> joined = new LinkedHashMap<>(before);
    for (Map.Entry<String, String> entry : now.entrySet()) {
      String other = joined.putIfAbsent(entry.getKey(), entry.getValue());
      if (other != null && !other.equals(entry.getValue())) {
        throw new IOException(
            "%s holds results of the %s %s with other settings; name another folder. There: %s. Now: %s"
                .formatted(folder, what, entry.getKey(), other, entry.getValue()));
      }
    }
    return joined;
  }
}
