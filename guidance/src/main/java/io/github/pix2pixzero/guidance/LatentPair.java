package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkNotNull;

import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/**
 * A picture's latent and that of its edit, [1, channels, height, width] each.
 *
 * @param reference the picture as it is
 * @param edited as it should be
 */
public record LatentPair(Tensor reference, Tensor edited) {
  public LatentPair {
    checkNotNull(reference, "reference");
    checkNotNull(edited, "edited");
  }

  /** Both. */
  List<Tensor> both() {
    return List.of(reference, edited);
  }
}
