package io.github.pix2pixzero.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.hub.testing.LocalHub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several downloads into one cache at once. */
@Timeout(60)
class ProcessesTest extends HubTestCase {
  /** What the child processes run; the environment names hub and cache. */
  static final class Pull {
    private Pull() {}

    public static void main(String[] args) throws IOException {
      Hub.fromEnvironment().pull(NAME, BOTH, DownloadListener.NONE);
    }
  }

  @Test
  void twoProcessesDownloadOnce() throws Exception {
    slowly();
    List<Process> processes = List.of(startChild(), startChild());
    for (Process process : processes) {
      String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(err).isZero();
    }

    assertThat(toStorage()).hasSize(1);
    assertComplete();
  }

  @Test
  void aProcessThatIsKilledLeavesABeginning() throws Exception {
    server.fault(
        exchange -> exchange.getRequestURI().getPath().contains(LocalHub.sha256(WEIGHTS)),
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHTS.length);
          exchange.getResponseBody().write(WEIGHTS, 0, WEIGHTS.length / 2);
          exchange.getResponseBody().flush();
          sleep();
        });
    Process killed = startChild();
    while (blobs().stream().noneMatch(this::isBegun)) {
      Thread.sleep(20);
    }
    killed.destroyForcibly().waitFor();

    pull();

    assertThat(toStorage().get(toStorage().size() - 1).range()).isPresent();
    assertComplete();
  }

  @Test
  void threadsDownloadOnce() throws Exception {
    slowly();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Path>> pulls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        pulls.add(this::pull);
      }
      for (Future<Path> path : threads.invokeAll(pulls)) {
        assertThat(path.get().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
      }
    } finally {
      threads.shutdown();
    }

    assertThat(toStorage()).hasSize(1);
    assertComplete();
  }

  private boolean isBegun(String blob) {
    try {
      return blob.startsWith(LocalHub.sha256(WEIGHTS))
          && Files.size(repository().resolve("blobs").resolve(blob)) > 0;
    } catch (IOException e) { // moved meanwhile
      return false;
    }
  }

  /** Lets the storage take long enough for others to come. */
  private void slowly() {
    server.fault(
        exchange -> exchange.getRequestURI().getPath().contains(LocalHub.sha256(WEIGHTS)),
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHTS.length);
          exchange.getResponseBody().write(WEIGHTS, 0, 1000);
          exchange.getResponseBody().flush();
          sleep();
          exchange.getResponseBody().write(WEIGHTS, 1000, WEIGHTS.length - 1000);
        });
  }

  private void assertComplete() throws IOException {
    assertThat(hub().cached(NAME, BOTH)).isPresent();
    assertThat(blob(WEIGHTS)).hasBinaryContent(WEIGHTS);
    assertThat(blobs()).hasSize(2);
  }

  private Process startChild() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Pull.class.getName());
    builder.environment().putAll(server.environment(cache));
    return builder.start();
  }

  private static void sleep() {
    try {
      TimeUnit.SECONDS.sleep(3);
    } catch (InterruptedException e) { // the server is stopped
      Thread.currentThread().interrupt();
    }
  }
}
