package io.github.pix2pixzero.benchmarks.fullsize;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.benchmarks.Main;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeEditTest {
  @TempDir private Path folder;

  @Test
  void everyPartHasItsRow() throws Exception {
    Main.main(new String[] {"random-model", "tiny", folder.toString()});
    Backend backend = Backends.named("plain", 2);
    List<String> lines = new ArrayList<>();

    WholeEdit.run(folder, new WholeEdit.Work(2, true, 64), backend, lines::add);

    List<String> rows = new ArrayList<>();
    for (String line : lines) {
      JsonNode row = new JsonMapper().readTree(line);
      assertThat(row.get("of").asText()).isEqualTo(backend.toString());
      rows.add(
          row.get("row").asText().replace("edit of 64 × 64, published options, 2 + 2 steps: ", ""));
      JsonNode value = row.has("s") ? row.get("s") : row.get("MiB");
      assertThat(value.doubleValue()).isPositive();
    }
    assertThat(rows)
        .containsExactly(
            "load and direction",
            "first, inversion",
            "first, edit and decoding",
            "first, decoding",
            "first, whole",
            "again, inversion",
            "again, edit and decoding",
            "again, decoding",
            "again, whole",
            "peak",
            "peak, resident");
  }
}
