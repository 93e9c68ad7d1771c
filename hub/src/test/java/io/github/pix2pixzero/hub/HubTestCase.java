package io.github.pix2pixzero.hub;

import io.github.pix2pixzero.hub.testing.LocalHub;
import io.github.pix2pixzero.hub.testing.LocalHub.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A hub with a model of a small and a large file, and an empty cache. */
abstract class HubTestCase {
  static final ModelName NAME = ModelName.parse("org/model");
  static final FileSelection BOTH =
      ModelFiles.builder().require("config.json", "model.safetensors").build();
  static final String CONFIG = "{\"hidden_size\": 8}";
  static final byte[] WEIGHTS = new byte[1_000_000];

  static {
    new Random(1).nextBytes(WEIGHTS);
  }

  @TempDir Path folder;
  LocalHub server;
  Path cache;

  @BeforeEach
  void start() throws IOException {
    cache = folder.resolve("cache");
    server = new LocalHub("org/model").small("config.json", CONFIG);
    server.large("model.safetensors", WEIGHTS).small("README.md", "not needed");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  Hub hub(String... variables) throws IOException {
    return hub(Disk.SYSTEM, variables);
  }

  Hub hub(Disk disk, String... variables) throws IOException {
    Map<String, String> environment = new HashMap<>(server.environment(cache));
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return new Hub(HubSettings.from(environment, folder), disk, Duration.ofMillis(1));
  }

  Path pull(String... variables) throws IOException {
    return hub(variables).pull(NAME, BOTH, DownloadListener.NONE);
  }

  Path repository() {
    return cache.resolve("models--org--model");
  }

  Path blob(byte[] content) {
    return repository().resolve("blobs").resolve(LocalHub.sha256(content));
  }

  /** What is in the folder of the blobs, sorted. */
  List<String> blobs() {
    if (Files.notExists(repository().resolve("blobs"))) {
      return List.of();
    }
    try (Stream<Path> listed = Files.list(repository().resolve("blobs"))) {
      return listed.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The requests that have come to the storage. */
  List<Request> toStorage() {
    return server.requests().stream().filter(request -> !request.toHub()).toList();
  }
}
