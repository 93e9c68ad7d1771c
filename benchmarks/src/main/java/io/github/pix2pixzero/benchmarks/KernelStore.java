package io.github.pix2pixzero.benchmarks;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The results so far, in a JSON file with one result a line. A new result takes the place of that
 * of the same kernel on the same machine and number of threads or device; the others stay.
 */
record KernelStore(Path file) {
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * @throws IOException if the file is there but holds something else
   */
  List<KernelResult> read() throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    return JSON.readValue(Files.readString(file), new TypeReference<List<KernelResult>>() {});
  }

  void put(KernelResult result) throws IOException {
    List<KernelResult> all = new ArrayList<>(read());
    all.removeIf(result::replaces);
    all.add(result);
    List<String> lines = new ArrayList<>();
    for (KernelResult each : all) {
      lines.add(JSON.writeValueAsString(each));
    }
    byte[] text =
        lines.stream()
            .sorted() // so that a row run again changes a line
            .collect(Collectors.joining(",\n", "[\n", "\n]\n"))
            .getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(file, out -> out.write(text));
  }
}
