package io.github.pix2pixzero.tensor.backend;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses among the backends on the class path. */
public final class Backends {
  /** The device that stands for the best backend, wherever it computes. */
  public static final String AUTO = "auto";

  private static final Logger LOG = LoggerFactory.getLogger(Backends.class);
  private static final ConcurrentMap<String, Boolean> TOLD = new ConcurrentHashMap<>();

  private Backends() {}

  /** The best backend there is, on all processors. */
  public static Backend best() {
    return best(Runtime.getRuntime().availableProcessors());
  }

  /**
   * The best backend there is. What keeps a better one from being used is logged, once.
   *
   * @param threads threads of the CPU it may use, at least 1
   */
  public static Backend best(int threads) {
    for (BackendProvider provider : providers()) {
      Optional<String> reason = provider.unavailable();
      if (reason.isEmpty()) {
        return provider.create(threads);
      }
      if (TOLD.putIfAbsent(provider.name(), true) == null) {
        LOG.warn("The backend {} is not used: {}", provider.name(), reason.get());
      }
    }
    throw new IllegalStateException("there is no backend on the class path");
  }

  /**
   * The backend of a given name, on all processors.
   *
   * @throws IllegalArgumentException if there is none of that name, or it cannot be used here, and
   *     why
   */
  public static Backend named(String name) {
    return named(name, Runtime.getRuntime().availableProcessors());
  }

  /**
   * The backend of a given name.
   *
   * @param threads threads of the CPU it may use, at least 1
   * @throws IllegalArgumentException if there is none of that name, or it cannot be used here, and
   *     why
   */
  public static Backend named(String name, int threads) {
    List<BackendProvider> providers = providers();
    BackendProvider provider =
        providers.stream()
            .filter(candidate -> candidate.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "there is no backend named %s; there are %s"
                            .formatted(
                                name,
                                providers.stream()
                                    .map(BackendProvider::name)
                                    .collect(joining(", ")))));
    provider
        .unavailable()
        .ifPresent(
            reason -> {
              throw new IllegalArgumentException(
                  "the backend %s cannot be used: %s".formatted(name, reason));
            });
    return provider.create(threads);
  }

  /**
   * The best backend of a kind of device.
   *
   * @param device {@code cpu}, {@code cuda}, or {@code auto} for the best of all
   * @param threads threads of the CPU it may use, at least 1
   * @throws IllegalArgumentException if the class path has none for the device, or it cannot be
   *     used here, and why
   */
  public static Backend on(String device, int threads) {
    if (device.equals(AUTO)) {
      return best(threads);
    }
    List<BackendProvider> providers = providers();
    List<String> reasons = new ArrayList<>();
    for (BackendProvider provider : providers) {
      if (provider.device().equals(device)) {
        Optional<String> reason = provider.unavailable();
        if (reason.isEmpty()) {
          return provider.create(threads);
        }
        reasons.add(reason.get());
      }
    }
    throw new IllegalArgumentException(
        reasons.isEmpty()
            ? "there is no backend for the device %s on the class path; there are some for %s"
                .formatted(
                    device,
                    providers.stream()
                        .map(BackendProvider::device)
                        .distinct()
                        .collect(joining(", ")))
            : "the device %s cannot be used: %s".formatted(device, String.join("; ", reasons)));
  }

  private static List<BackendProvider> providers() {
    return ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparingInt(BackendProvider::priority).reversed())
        .toList();
  }
}
