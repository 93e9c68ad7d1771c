package io.github.pix2pixzero.toyworld.scenes;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;

/**
 * Draws an evaluation set: {@code scenes.json} and, of each scene, {@code ID-source.png}, {@code
 * ID-target.png} (the exact answer), {@code ID-mask.png} (white where they differ) and {@code
 * ID-is-VALUE.png} (the answer for every value of the attribute that is edited).
 */
public final class DrawScenes {
  /** Of the 72 edits that the documentation's figures are about: 8 of each kind. */
  static final long SEED = 4242;

  static final int OF_A_KIND = 8;

  /** How much a pixel differs, summed over its channels, that counts as changed. */
  private static final int DIFFERENT = 12;

  private DrawScenes() {}

  /**
   * @param arguments folder, and if they are not to be the documented ones, seed and scenes a kind
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 1 || arguments.length > 3) {
      throw new IllegalArgumentException("expected DIR [SEED [SCENES_A_KIND]]");
    }
    draw(
        Path.of(arguments[0]),
        arguments.length > 1 ? Long.parseLong(arguments[1]) : SEED,
        arguments.length > 2 ? Integer.parseInt(arguments[2]) : OF_A_KIND);
  }

  static void draw(Path folder, long seed, int ofAKind) throws IOException {
    Files.createDirectories(folder);
    Random random = new Random(seed);
    StringJoiner json = new StringJoiner(",\n", "[\n", "\n]\n");
    for (SceneEdit edit : SceneEdit.ALL) {
      for (int number = 0; number < ofAKind; number++) {
        json.add(draw(folder, edit, edit.id(number), edit.source(random)));
      }
    }
    Files.writeString(folder.resolve("scenes.json"), json.toString()); // last: the set is whole
  }

  /** Writes a scene's pictures and returns its entry. */
  private static String draw(Path folder, SceneEdit edit, String id, Scene scene)
      throws IOException {
    Scene target = edit.apply(scene, edit.to());
    BufferedImage before = Renderer.picture(scene);
    BufferedImage after = Renderer.picture(target);
    write(before, folder, id, "source");
    write(after, folder, id, "target");
    write(mask(before, after), folder, id, "mask");
    for (String value : edit.values()) {
      BufferedImage answer = Renderer.picture(edit.apply(scene, value));
      write(answer, folder, id, "is-" + SceneEdit.underscored(value));
    }
    String values =
        edit.values().stream()
            .map(value -> '"' + value + '"')
            .collect(Collectors.joining(", ", "[", "]"));
    return ("{\"id\": \"%s\", \"attribute\": \"%s\", \"from\": \"%s\", \"to\": \"%s\","
            + " \"caption\": \"%s\", \"target_caption\": \"%s\", \"values\": %s}")
        .formatted(
            id,
            edit.attribute(),
            edit.from(),
            edit.to(),
            scene.caption(),
            target.caption(),
            values);
  }

  private static void write(BufferedImage picture, Path folder, String id, String what)
      throws IOException {
    ImageIO.write(picture, "png", folder.resolve(id + "-" + what + ".png").toFile());
  }

  /** White where the pictures differ, or a neighbour of the pixel does. */
  private static BufferedImage mask(BufferedImage before, BufferedImage after) {
    int size = before.getWidth();
    BufferedImage mask = new BufferedImage(size, size, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        boolean changed = false;
        for (int v = Math.max(0, y - 1); v <= Math.min(size - 1, y + 1); v++) {
          for (int u = Math.max(0, x - 1); u <= Math.min(size - 1, x + 1); u++) {
            changed |= difference(before.getRGB(u, v), after.getRGB(u, v)) > DIFFERENT;
          }
        }
        mask.getRaster().setSample(x, y, 0, changed ? 255 : 0);
      }
    }
    return mask;
  }

  /** Of two colours, summed over red, green and blue. */
  static int difference(int one, int other) {
    int sum = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      sum += Math.abs((one >> shift & 255) - (other >> shift & 255));
    }
    return sum;
  }
}
