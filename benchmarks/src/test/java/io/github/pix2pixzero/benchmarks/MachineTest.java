package io.github.pix2pixzero.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

  /** Results of one are kept apart from those of the other by this name. */
  @Test
  void isAnotherOneWhereItIsHeldBackOrTakenForIntels() throws Exception {
    String plain = Machine.current().cpu();
    assertThat(cpu("-XX:UseAVX=2")).isEqualTo(plain + ", held to AVX2");
    assertThat(cpu("-Dbenchmark.intel.mkl=libfake.so")).isEqualTo(plain + ", MKL as on Intel");
  }

  private static String cpu(String option) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                option,
                "-cp",
                System.getProperty("java.class.path"),
                Named.class.getName())
            .start();
    String name = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return name.strip();
  }

  /** Says what machine it runs on. */
  static final class Named {
    private Named() {}

    public static void main(String[] arguments) {
      System.out.println(Machine.current().cpu());
    }
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
