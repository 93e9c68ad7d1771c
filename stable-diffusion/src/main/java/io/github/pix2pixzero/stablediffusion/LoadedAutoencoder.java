package io.github.pix2pixzero.stablediffusion;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.vae.AutoencoderKL;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The autoencoder of a checkpoint alone, where the other networks would only take memory.
 *
 * @param identity what tells it from others, as {@link ModelIdentity#vae} of the whole
 */
public record LoadedAutoencoder(AutoencoderKL network, String identity) {

  /**
   * Loads it from whatever {@link StableDiffusion#load(Path, Backend, LoadOptions, LoadListener)}
   * takes.
   *
   * @throws IOException if there is no checkpoint, or one of its files is malformed
   * @throws IllegalArgumentException if a part is of a kind that is not supported, or weights are
   *     missing
   */
  public static LoadedAutoencoder load(Path checkpoint, Backend backend, LoadOptions options)
      throws IOException {
    try (Checkpoint opened = Checkpoint.open(checkpoint, options)) {
      SketchedTensors weights = new SketchedTensors(opened.vae());
      AutoencoderKL network = new AutoencoderKL(Weights.of(backend, weights), opened.vaeConfig());
      return new LoadedAutoencoder(network, weights.sketch().toString());
    }
  }
}
