package io.github.pix2pixzero.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What is said where CUDA cannot be used, each in a JVM of its own: a driver is loaded once. */
@EnabledIfSystemProperty(named = "pix2pixzero.emulator", matches = ".+")
class AvailabilityTest {

  /** Prints what the provider says, and what choosing a backend leads to. */
  static final class Probe {
    private Probe() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) {
      System.out.println(new CudaBackendProvider().unavailable().orElse("available"));
      System.out.println(Backends.best(1).name());
      System.out.println(Backends.on("cpu", 1).name());
      try {
        System.out.println(Backends.on("cuda", 1));
      } catch (IllegalArgumentException | IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void withADriverItIsTheBest() throws Exception {
    assertThat(probe(Map.of()))
        .containsExactly(
            "available",
            "cuda",
            "plain",
            "cuda (Emulated device, device 0 of compute capability 9.0, float32)");
  }

  @Test
  void withoutADeviceTheCpuIsUsed() throws Exception {
    String reason = "the NVIDIA driver sees no device";
    assertThat(probe(Map.of("CUDA_EMULATOR_DEVICES", "0")))
        .containsExactly(reason, "plain", "plain", "the device cuda cannot be used: " + reason);
  }

  @Test
  void withAnOldDriverTheCpuIsUsed() throws Exception {
    assertThat(probe(Map.of("CUDA_EMULATOR_VERSION", "11080")))
        .contains("the NVIDIA driver is for CUDA 11.8, and 12.0 or later is needed", "plain");
  }

  @Test
  void withAnOldDeviceTheCpuIsUsed() throws Exception {
    assertThat(probe(Map.of("CUDA_EMULATOR_CAPABILITY", "61")))
        .contains("the device has compute capability 6.1, and 7.5 or later is needed", "plain");
  }

  @Test
  void withoutADriverTheCpuIsUsed() throws Exception {
    List<String> lines = probe(Map.of("LD_LIBRARY_PATH", ""));
    assertThat(lines.get(0)).startsWith("the NVIDIA driver (libcuda.so.1)").contains("lib");
    assertThat(lines.get(1)).isEqualTo("plain");
    assertThat(lines.get(3)).startsWith("the device cuda cannot be used: the NVIDIA driver");
  }

  @Test
  void aPrecisionThatTheDeviceLacksIsRefused() throws Exception {
    assertThat(
            probe(
                Map.of(
                    "CUDA_EMULATOR_CAPABILITY",
                    "75",
                    "JDK_JAVA_OPTIONS",
                    "-D" + CudaBackend.PRECISION + "=tf32")))
        .anyMatch(
            line ->
                line.contains(
                    "compute capability 7.5 has no tf32; it needs compute capability 8.0"));
  }

  private static List<String> probe(Map<String, String> environment)
      throws IOException, InterruptedException {
    return run(Probe.class, environment);
  }

  /** What a program prints in a JVM of its own, warnings of the library and the JVM aside. */
  static List<String> run(Class<?> program, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    Process process = builder.start();
    List<String> lines;
    try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
      lines =
          reader
              .lines()
              .filter(
                  line -> !line.isEmpty() && !line.contains("WARN") && !line.contains("Picked up"))
              .toList();
    }
    process.waitFor();
    return lines;
  }
}
