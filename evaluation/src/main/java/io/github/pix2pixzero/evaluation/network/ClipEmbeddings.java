package io.github.pix2pixzero.evaluation.network;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.github.pix2pixzero.clip.ClipModel;
import io.github.pix2pixzero.picture.PillowResize;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * How well pictures and texts fit, by CLIP. What has been embedded is remembered for a while: every
 * measure and every method asks for the same captions and sources.
 */
public final class ClipEmbeddings {
  /** Of all CLIP models that OpenAI published. */
  private static final float[] MEAN = {0.48145466f, 0.4578275f, 0.40821073f};

  private static final float[] DEVIATION = {0.26862954f, 0.26130258f, 0.27577711f};

  private final ClipModel model;
  private final Backend backend;
  private final Cache<String, float[]> texts = CacheBuilder.newBuilder().maximumSize(1000).build();
  private final Cache<BufferedImage, float[]> pictures =
      CacheBuilder.newBuilder().weakKeys().maximumSize(16).build(); // by identity

  public ClipEmbeddings(ClipModel model, Backend backend) {
    this.model = model;
    this.backend = backend;
  }

  /** The cosine between a picture's embedding and a text's, -1 to 1. */
  public double cosine(BufferedImage picture, String text) {
    float[] one = picture(picture);
    float[] other = text(text);
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (double) one[i] * other[i];
    }
    return sum;
  }

  /**
   * The square that CLIP sees of a picture, as {@code CLIPImageProcessorPil} makes it: the shorter
   * side is resized to {@code size} (Pillow's bicubic), the longer in proportion and rounded down,
   * and its middle is cut out.
   */
  public static BufferedImage square(BufferedImage picture, int size) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    int shorter = Math.min(width, height);
    int newWidth = (int) ((long) size * width / shorter);
    int newHeight = (int) ((long) size * height / shorter);
    return PillowResize.BICUBIC
        .resize(picture, newWidth, newHeight)
        .getSubimage((newWidth - size) / 2, (newHeight - size) / 2, size, size);
  }

  private float[] picture(BufferedImage picture) {
    float[] known = pictures.getIfPresent(picture);
    if (known == null) {
      int size = model.vision().config().sizes().imageSize();
      List<float[]> shares = List.of(PixelValues.shares(square(picture, size), null));
      try (Scope scope = Scope.open()) {
        known =
            model
                .embedPictures(PixelValues.normalized(backend, shares, size, size, MEAN, DEVIATION))
                .toFloats();
      }
      pictures.put(picture, known);
    }
    return known;
  }

  private float[] text(String text) {
    float[] known = texts.getIfPresent(text);
    if (known == null) {
      try (Scope scope = Scope.open()) {
        known = model.embedTexts(List.of(text)).toFloats();
      }
      texts.put(text, known);
    }
    return known;
  }
}
