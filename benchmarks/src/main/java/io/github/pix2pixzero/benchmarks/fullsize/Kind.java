package io.github.pix2pixzero.benchmarks.fullsize;

import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What kind of model a folder holds; each has rows and a part of the report of its own. */
public enum Kind {
  /** Stable Diffusion. */
  DIFFUSION("full-size"),
  /** BLIP. */
  BLIP("full-size blip"),
  /** CLIP with both towers. */
  CLIP("full-size clip"),
  /** DINO. */
  DINO("full-size dino"),
  /** LPIPS with VGG16. */
  VGG("full-size vgg");

  private static final String CONFIG = "config.json";

  private final String part;

  Kind(String part) {
    this.part = part;
  }

  /** What the part of the report is called. */
  public String part() {
    return part;
  }

  /**
   * The kind of a folder such as {@code random-model} writes.
   *
   * @throws IOException if its config is malformed
   * @throws IllegalArgumentException if its config is of another kind of model
   */
  static Kind of(Path folder) throws IOException {
    if (Files.exists(folder.resolve("vgg16.safetensors"))) {
      return VGG;
    }
    if (!Files.exists(folder.resolve(CONFIG))) {
      return DIFFUSION;
    }
    String type = ModelFolder.of(folder).json(CONFIG).getString("model_type", "");
    return switch (type) {
      case "blip" -> BLIP;
      case "clip" -> CLIP;
      case "vit" -> DINO;
      default ->
          throw new IllegalArgumentException(
              "%s is of type \"%s\"; full-size takes blip, clip and vit"
                  .formatted(folder.resolve(CONFIG), type));
    };
  }
}
