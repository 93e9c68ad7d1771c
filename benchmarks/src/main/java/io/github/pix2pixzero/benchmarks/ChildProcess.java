package io.github.pix2pixzero.benchmarks;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Processes of their own for what is measured, ours and the peers'. */
public final class ChildProcess {
  /** What PyTorch, MKL and oneDNN ask for. */
  private static final ImmutableMap<String, String> AVX2 =
      ImmutableMap.of(
          "ATEN_CPU_CAPABILITY", "avx2",
          "MKL_ENABLE_INSTRUCTIONS", "AVX2",
          "ONEDNN_MAX_CPU_ISA", "AVX2");

  private ChildProcess() {}

  /** Starts a command, held to AVX2 if this process is, or with MKL as on Intel. */
  static Process start(List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    if (Machine.isHeldToAvx2()) {
      builder.environment().putAll(AVX2);
    }
    if (Machine.INTEL_MKL != null) {
      builder.environment().put("LD_PRELOAD", Machine.INTEL_MKL);
    }
    return builder.start();
  }

  /**
   * Runs a command until it ends, of which the last line says in JSON what came of it.
   *
   * @throws IOException if it fails, or its last line is no {@code type}
   */
  public static <T> T run(List<String> command, Class<T> type) throws IOException {
    Process process = start(command);
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + " failed: " + out);
      }
    } catch (InterruptedException e) {
      process.destroy();
      throw new IOException("interrupted", e);
    }
    String last = Arrays.stream(out.split("\n")).reduce("", (a, b) -> b);
    return new JsonMapper().readValue(last, type);
  }

  /** A script that lies beside a class, as a file for as long as this process runs. */
  public static Path script(Class<?> neighbour, String name) throws IOException {
    Path script = Files.createTempFile("benchmark", ".py");
    script.toFile().deleteOnExit();
    Files.write(script, Resources.toByteArray(Resources.getResource(neighbour, name)));
    return script;
  }
}
