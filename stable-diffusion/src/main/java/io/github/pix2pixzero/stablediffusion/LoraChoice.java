package io.github.pix2pixzero.stablediffusion;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import java.nio.file.Path;

/**
 * A LoRA to merge into a checkpoint.
 *
 * @param file of kohya, diffusers or PEFT, {@code .safetensors} or a pickle of PyTorch
 * @param weight how much of it, 1 for what it was trained as
 */
public record LoraChoice(Path file, double weight) {
  /**
   * @throws IllegalArgumentException if the weight is no number
   */
  public LoraChoice {
    checkNotNull(file, "LoRA");
    checkArgument(Double.isFinite(weight), "the weight of %s should be a number", file);
  }

  /** Reads {@code FILE} or {@code FILE:WEIGHT}; what is behind a colon counts if it is a number. */
  public static LoraChoice of(String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0 && text.substring(colon + 1).matches("[-+]?[0-9]*\\.?[0-9]+")) {
      return new LoraChoice(
          Path.of(text.substring(0, colon)), Double.parseDouble(text.substring(colon + 1)));
    }
    return new LoraChoice(Path.of(text), 1);
  }
}
