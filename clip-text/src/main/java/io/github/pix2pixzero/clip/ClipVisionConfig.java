package io.github.pix2pixzero.clip;

import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.nn.VisionSizes;

/**
 * What a {@link ClipVisionModel} is made of, as transformers keeps it in {@code vision_config} of
 * CLIP's {@code config.json}.
 *
 * @param sizes widths, layers and patches
 * @param hiddenAct function inside the feed-forward networks
 */
public record ClipVisionConfig(VisionSizes sizes, Unary hiddenAct) {

  /**
   * Reads {@code vision_config}; what it does not say is as in ViT-B/32, transformers' default.
   *
   * @throws IllegalArgumentException naming the file, the key and what is supported, if a value
   *     asks for something other than CLIP's vision transformer
   */
  public static ClipVisionConfig from(JsonConfig json) {
    if (json.getInt("num_channels", 3) != 3) {
      throw json.unsupported("num_channels", "3");
    }
    return new ClipVisionConfig(
        VisionSizes.from(json, 224, 32, 1e-5), ClipTextConfig.hiddenAct(json));
  }
}
