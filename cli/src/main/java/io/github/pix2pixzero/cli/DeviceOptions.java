package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import picocli.CommandLine.Option;

/** Where a command computes. */
final class DeviceOptions {
  @Option(
      names = "--device",
      order = 110,
      paramLabel = "cuda|cpu|auto",
      description =
          "Where to compute; cuda needs an NVIDIA GPU and the artifact cuda-kernels on the class"
              + " path. Default: auto, a GPU where there is one.")
  private String device = Backends.AUTO;

  /**
   * The backend to compute with.
   *
   * @param threads threads of the CPU; null for one a processor
   * @throws IllegalArgumentException if the device was named and cannot be used, and why
   */
  Backend backend(Integer threads) {
    return Backends.on(
        device, threads == null ? Runtime.getRuntime().availableProcessors() : threads);
  }
}
