package io.github.pix2pixzero.caption.blip;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.picture.PillowResize;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Pictures as BLIP wants them: made square by Pillow's bicubic, and normalised a channel. Agrees
 * with transformers' {@code BlipImageProcessorPil}.
 *
 * @param size pixels along the side
 * @param mean of red, green and blue, from 0 to 1
 * @param deviation of red, green and blue
 */
public record BlipPictures(int size, ImmutableList<Double> mean, ImmutableList<Double> deviation) {
  private static final String CONFIG = "preprocessor_config.json";
  private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
  private static final List<Double> CLIP_DEVIATION = List.of(0.26862954, 0.26130258, 0.27577711);
  private static final int BICUBIC = 3;

  public BlipPictures {
    checkArgument(
        mean.size() == 3 && deviation.size() == 3,
        "image_mean and image_std are of %s and %s channels, expected 3",
        mean.size(),
        deviation.size());
  }

  /**
   * Reads {@code preprocessor_config.json}; what is absent, as published.
   *
   * @throws IOException if it is malformed
   * @throws IllegalArgumentException if it asks for something else
   */
  public static BlipPictures load(ModelFolder folder) throws IOException {
    JsonConfig config =
        folder.exists(CONFIG)
            ? folder.json(CONFIG)
            : JsonConfig.of(Map.of(), folder + "/" + CONFIG);
    if (config.getInt("resample", BICUBIC) != BICUBIC) {
      throw config.unsupported("resample", "3, Pillow's bicubic");
    }
    return new BlipPictures(
        config.at("size").getInt("height", 384),
        channels(config, "image_mean", CLIP_MEAN),
        channels(config, "image_std", CLIP_DEVIATION));
  }

  private static ImmutableList<Double> channels(
      JsonConfig config, String key, List<Double> absent) {
    return ImmutableList.copyOf(config.has(key) ? config.getDoubles(key) : absent);
  }

  /**
   * A picture as a tensor. Transparency is dropped.
   *
   * @return [1, 3, size, size]
   */
  public Tensor toTensor(BufferedImage picture, Backend backend) {
    int pixels = size * size;
    int[] rgb =
        PillowResize.BICUBIC.resize(picture, size, size).getRGB(0, 0, size, size, null, 0, size);
    float[] values = new float[3 * pixels];
    for (int i = 0; i < values.length; i++) {
      int channel = i / pixels;
      double level = (rgb[i % pixels] >> 16 - 8 * channel & 0xff) / 255.0;
      values[i] = (float) ((level - mean.get(channel)) / deviation.get(channel));
    }
    return Tensor.of(backend, values, 1, 3, size, size);
  }
}
