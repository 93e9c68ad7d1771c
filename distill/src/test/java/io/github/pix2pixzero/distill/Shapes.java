package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Pairs whose edit is known: a blue square turns into a red one, before a grey slope. */
final class Shapes {
  static final double THRESHOLD = 12 / 255.0;

  private Shapes() {}

  static List<Pair> pairs(int count, int size) {
    List<Pair> pairs = new ArrayList<>();
    PhiloxGenerator root = new PhiloxGenerator(7);
    for (int i = 0; i < count; i++) {
      pairs.add(pair("shape-" + i, size, root.split(i)));
    }
    return pairs;
  }

  private static Pair pair(String id, int size, PhiloxGenerator random) {
    int side = size / 4 + random.nextInt(size / 4);
    int top = random.nextInt(size - side);
    int left = random.nextInt(size - side);
    float[] source = new float[size * size * 3];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        Arrays.fill(source, 3 * (y * size + x), 3 * (y * size + x) + 3, y / (float) size - 0.5f);
      }
    }
    float[] target = source.clone();
    for (int y = top; y < top + side; y++) {
      for (int x = left; x < left + side; x++) {
        set(source, 3 * (y * size + x), -0.8f, -0.6f, 0.8f);
        set(target, 3 * (y * size + x), 0.8f, -0.6f, -0.8f);
      }
    }
    return Pair.differing(id, size, size, source, target, THRESHOLD);
  }

  private static void set(float[] picture, int at, float red, float green, float blue) {
    picture[at] = red;
    picture[at + 1] = green;
    picture[at + 2] = blue;
  }
}
