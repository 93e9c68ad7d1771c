package io.github.pix2pixzero.benchmarks;

import static io.github.pix2pixzero.benchmarks.MadeUpResults.kernel;
import static io.github.pix2pixzero.benchmarks.MadeUpResults.on;
import static io.github.pix2pixzero.benchmarks.MadeUpResults.onDevice;
import static io.github.pix2pixzero.benchmarks.MadeUpResults.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelStoreTest {
  @TempDir Path folder;

  @Test
  void aNewResultReplacesItsOwnRowAndNoOther() throws IOException {
    KernelStore store = new KernelStore(folder.resolve("results.json"));
    KernelResult one = result("a", 1, Map.of("ours", List.of(1.5)));
    KernelResult two = result("a", 2, Map.of("ours", List.of(1.0)));
    KernelResult other = result("b", 1, Map.of("ours", List.of(2.0), "libtorch", List.of(3.0)));
    KernelResult again = result("a", 1, Map.of("ours", List.of(1.25)));

    assertThat(store.read()).isEmpty();
    store.put(one);
    store.put(two);
    store.put(other);
    store.put(again);

    assertThat(store.read()).containsExactlyInAnyOrder(two, other, again);
    assertThat(Files.readAllLines(store.file())).hasSize(5);
  }

  /** Of a kernel on a device each type of its tensors has a row. */
  @Test
  void aResultOfADeviceReplacesThatOfTheSameDevice() throws IOException {
    KernelStore store = new KernelStore(folder.resolve("results.json"));
    KernelResult halves = onDevice("cuda (float16)", 1.5);
    KernelResult floats = onDevice("cuda (float32)", 2.5);
    KernelResult cpu = result("a", 1, Map.of("ours", List.of(9.0)));
    KernelResult again = onDevice("cuda (float16)", 1.25);

    store.put(halves);
    store.put(floats);
    store.put(cpu);
    store.put(again);

    assertThat(store.read()).containsExactlyInAnyOrder(floats, cpu, again);
    assertThat(DeviceTable.of(List.of(kernel("a", 1, 5e-3)), List.of(again)))
        .contains("| a | cuda (float16) | 1.25 | 4.00 | 2026-01-02 |");
  }

  /** A run elsewhere adds to what is there, and the tables do not mix. */
  @Test
  void aResultOfAnotherMachineStandsByItself() throws IOException {
    KernelStore store = new KernelStore(folder.resolve("results.json"));
    KernelResult here = result("a", 2, Map.of("ours", List.of(2.0), "libtorch", List.of(4.0)));
    KernelResult there = on("Other CPU, 8 cores", result("a", 2, Map.of("ours", List.of(1.0))));

    store.put(here);
    store.put(there);

    assertThat(store.read()).containsExactlyInAnyOrder(here, there);
    assertThat(KernelTable.of(List.of(kernel("a", 1, 0)), List.of(here, there)))
        .containsSubsequence(
            "### Some CPU, 2 cores\n",
            "- run 1: `./benchmark kernels`, 2026-01-02; Some CPU",
            "| a | 2.00 | 4.00 | 0.500 | ≤ 1.0 | yes | – | – | – | – | 1 |",
            "### Other CPU, 8 cores\n",
            "- run 1: `./benchmark kernels`, 2026-01-02; Other CPU",
            "| a | 1.00 | – | – | ≤ 1.0 | – | – | – | – | – | 1 |");
  }

  @Test
  void anotherFileIsRefusedAndStays() throws IOException {
    Path file = Files.writeString(folder.resolve("results.json"), "{}");

    assertThatThrownBy(
            () -> new KernelStore(file).put(result("a", 1, Map.of("ours", List.of(1.0)))))
        .isInstanceOf(IOException.class);
    assertThat(file).hasContent("{}");
  }

  /** What is stored in docs is of kernels that there are. */
  @Test
  void theStoredResultsAreOfTheTablesRows() throws IOException {
    List<KernelResult> stored = new KernelStore(Path.of("..", "docs", "benchmarks.json")).read();

    assertThat(stored).isNotEmpty();
    assertThat(Kernels.ALL).extracting(Kernel::name).doesNotHaveDuplicates();
    assertThat(stored).allSatisfy(result -> assertThat(Kernels.named(result.kernel())).isNotNull());
  }
}
