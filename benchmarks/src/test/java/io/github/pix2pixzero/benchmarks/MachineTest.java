package io.github.pix2pixzero.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
  @TempDir Path folder;

  @Test
  void readsTheModelOfTheFirstProcessor() throws IOException {
    Path cpuinfo =
        Files.writeString(
            folder.resolve("cpuinfo"),
            "processor\t: 0\ncpu family\t: 26\nmodel\t\t: 7\nmodel name\t: Some CPU @ 2: fast\n"
                + "processor\t: 1\nmodel name\t: Other\n");
    assertThat(Machine.cpuModel(cpuinfo)).contains("Some CPU @ 2: fast (family 26, model 7)");

    Path elsewhere =
        Files.writeString(folder.resolve("elsewhere"), "processor\t: 0\nmodel name\t: Cortex\n");
    assertThat(Machine.cpuModel(elsewhere)).contains("Cortex");
    assertThat(Machine.cpuModel(folder.resolve("missing"))).isEmpty();
  }

  @Test
  void saysHowBusyItWas() {
    assertThat(new Machine("Some CPU", 2, "Some VM 17", 1.26).toMarkdown())
        .isEqualTo("- machine: Some CPU, 2 cores; load before the run 1.3\n- JDK: Some VM 17\n");
    assertThat(new Machine("Some CPU", 2, "Some VM 17", -1).toMarkdown()).doesNotContain("load");
  }

  @Test
  void warnsOfABusyMachine() {
    assertThat(new Machine("Some CPU", 2, "Some VM 17", 2).toMarkdown()).contains("was busy");
    assertThat(new Machine("Some CPU", 2, "Some VM 17", 1.9).toMarkdown()).doesNotContain("busy");
  }
}
