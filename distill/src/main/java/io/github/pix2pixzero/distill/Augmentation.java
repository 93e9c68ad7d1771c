package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.random.Generator;

/**
 * Random changes of a pair, the same for both of its pictures, so that what is learned is the edit.
 * A pair that is larger than a student's pictures is cut to their size at a random place.
 *
 * @param mirror whether left and right may change places; not for text or clocks
 * @param light brightness and contrast change by up to this share
 * @param colour saturation changes by up to this share
 * @param noise deviation of what is added to the source alone
 */
public record Augmentation(boolean mirror, double light, double colour, double noise) {
  /** Luma of ITU-R BT.601. */
  private static final float[] LUMA = {0.299f, 0.587f, 0.114f};

  /** Checks the ranges. */
  public Augmentation {
    checkArgument(light >= 0 && light < 1, "light is in [0, 1), got %s", light);
    checkArgument(colour >= 0 && colour <= 1, "colour is in [0, 1], got %s", colour);
    checkArgument(noise >= 0, "noise is at least 0, got %s", noise);
  }

  /** Mirrors alone, which does for small pictures. */
  public static Augmentation mirrored() {
    return new Augmentation(true, 0, 0, 0);
  }

  /** Nothing but cutting to size. */
  public static Augmentation none() {
    return new Augmentation(false, 0, 0, 0);
  }

  /**
   * A changed pair of {@code size} × {@code size} pixels. How much is drawn does not depend on what
   * is drawn.
   *
   * @throws IllegalArgumentException if the pair is smaller
   */
  Pair apply(Pair pair, int size, Generator random) {
    checkArgument(
        pair.height() >= size && pair.width() >= size,
        "pair %s has %s × %s pixels, which are less than the student's %s × %s",
        pair.id(),
        pair.height(),
        pair.width(),
        size,
        size);
    int top = random.nextInt(pair.height() - size + 1);
    int left = random.nextInt(pair.width() - size + 1);
    boolean turned = mirror && random.nextInt(2) == 1;
    float[] draws = new float[3];
    random.fillUniform(draws, 0, draws.length);
    float brightness = (float) (light * (2 * draws[0] - 1));
    float contrast = (float) (1 + light * (2 * draws[1] - 1));
    float saturation = (float) (1 + colour * (2 * draws[2] - 1));
    float[] source = cut(pair.source(), pair.width(), top, left, size, Pair.COLOURS, turned);
    float[] target = cut(pair.target(), pair.width(), top, left, size, Pair.COLOURS, turned);
    float[] mask = cut(pair.mask(), pair.width(), top, left, size, 1, turned);
    if (light > 0 || colour > 0) {
      recolour(source, brightness, contrast, saturation);
      recolour(target, brightness, contrast, saturation);
    }
    if (noise > 0) {
      float[] normal = random.normal(source.length);
      for (int i = 0; i < source.length; i++) {
        source[i] += (float) noise * normal[i];
      }
    }
    return new Pair(pair.id(), size, size, source, target, mask);
  }

  private static float[] cut(
      float[] from, int width, int top, int left, int size, int channels, boolean turned) {
    float[] to = new float[size * size * channels];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        int column = left + (turned ? size - 1 - x : x);
        System.arraycopy(
            from, ((top + y) * width + column) * channels, to, (y * size + x) * channels, channels);
      }
    }
    return to;
  }

  private static void recolour(
      float[] picture, float brightness, float contrast, float saturation) {
    for (int i = 0; i < picture.length; i += Pair.COLOURS) {
      float grey = 0;
      for (int c = 0; c < Pair.COLOURS; c++) {
        grey += LUMA[c] * picture[i + c];
      }
      for (int c = 0; c < Pair.COLOURS; c++) {
        float value = (grey + saturation * (picture[i + c] - grey)) * contrast + brightness;
        picture[i + c] = Math.max(-1, Math.min(1, value));
      }
    }
  }
}
