package io.github.pix2pixzero.tensor.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendsTest {

  @Test
  void theVectorBackendIsPreferred() {
    assertThat(Backends.best(1).name()).isEqualTo("vector");
    assertThat(Backends.best()).isNotNull();
  }

  @Test
  void aNameChooses() {
    assertThat(Backends.named("plain", 2)).hasToString("plain (2 threads)");
    assertThat(Backends.named("vector", 1)).hasToString("vector (1 thread)");
    assertThat(Backends.named("plain").name()).isEqualTo("plain");
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnown() {
    assertThatThrownBy(() -> Backends.named("abacus", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("abacus", "vector", "plain");
  }

  @Test
  void aDeviceChooses() {
    assertThat(Backends.on("cpu", 2)).hasToString("vector (2 threads)");
    assertThat(Backends.on(Backends.AUTO, 2)).hasToString("vector (2 threads)");
  }

  @Test
  void aDeviceThatIsNotOnTheClassPathIsRefused() {
    assertThatThrownBy(() -> Backends.on("cuda", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "there is no backend for the device cuda on the class path; there are some for cpu");
  }

  @Test
  void withoutTheVectorModulePlainServesAndTheLogSaysSoOnce() throws Exception {
    String output = run();
    assertThat(output).contains("best: plain, sum 6.0");
    assertThat(output.split("--add-modules jdk.incubator.vector", -1)).as(output).hasSize(3);
    assertThat(output).containsOnlyOnce("WARN");
    assertThat(output).contains("forced: the backend vector cannot be used");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1", "-XX:TieredStopAtLevel=3"})
  void withoutC2PlainServesAndTheLogSaysSoOnce(String option) throws Exception {
    String output = run("--add-modules", "jdk.incubator.vector", option);
    assertThat(output).contains("best: plain, sum 6.0");
    assertThat(output).containsOnlyOnce("WARN io");
    assertThat(output)
        .contains("forced: the backend vector cannot be used: the Vector API would be slower")
        .contains(option.contains("=3") ? "-XX:TieredStopAtLevel" : option);
  }

  private static String run(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(InAnotherJvm.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** Runs in a Java of its own. */
  static final class InAnotherJvm {
    @SuppressWarnings("SystemOut")
    public static void main(String[] args) {
      Backends.best(1);
      Backend backend = Backends.best(1);
      float sum = Tensor.of(backend, new float[] {1, 2, 3}, 3).sum().item();
      System.out.println("best: " + backend.name() + ", sum " + sum);
      try {
        Backends.named("vector", 1);
      } catch (IllegalArgumentException e) {
        System.out.println("forced: " + e.getMessage());
      }
    }
  }
}
