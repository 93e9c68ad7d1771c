package io.github.pix2pixzero.toyworld.scenes;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.StringJoiner;
import javax.imageio.ImageIO;

/**
 * Draws exact pairs to train a student on: {@code train_A} and {@code train_B}, every tenth in
 * {@code test_A} and {@code test_B} instead, with the captions of the pictures before the edit
 * beside them and those of the pictures after it in {@code train_prompts.json} and {@code
 * test_prompts.json}.
 */
public final class DrawPairs {
  private static final int HELD_OUT = 10;

  private DrawPairs() {}

  /**
   * @param arguments folder, number of pairs, and if they are not to be those of 0, the seed; then
   *     the edit, if it is not from cat to dog
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 2 || arguments.length > 5 || arguments.length == 4) {
      throw new IllegalArgumentException("expected DIR PAIRS [SEED [FROM TO]]");
    }
    String from = arguments.length > 3 ? arguments[3] : "cat";
    String to = arguments.length > 4 ? arguments[4] : "dog";
    SceneEdit edit =
        SceneEdit.ALL.stream()
            .filter(known -> known.from().equals(from) && known.to().equals(to))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no edit from " + from + " to " + to));
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : 0;
    draw(Path.of(arguments[0]), Integer.parseInt(arguments[1]), seed, edit);
  }

  static void draw(Path folder, int pairs, long seed, SceneEdit edit) throws IOException {
    Random random = new Random(seed);
    StringJoiner train = new StringJoiner(",\n", "{\n", "\n}\n");
    StringJoiner test = new StringJoiner(",\n", "{\n", "\n}\n");
    for (int i = 0; i < pairs; i++) {
      boolean heldOut = i % HELD_OUT == HELD_OUT - 1;
      String part = heldOut ? "test" : "train";
      Path before = Files.createDirectories(folder.resolve(part + "_A"));
      Path after = Files.createDirectories(folder.resolve(part + "_B"));
      Scene scene = edit.source(random);
      Scene target = edit.apply(scene, edit.to());
      String name = edit.id(i);
      write(Renderer.picture(scene), before.resolve(name + ".png"));
      write(Renderer.picture(target), after.resolve(name + ".png"));
      Files.writeString(before.resolve(name + ".txt"), scene.caption());
      (heldOut ? test : train).add("\"%s.png\": \"%s\"".formatted(name, target.caption()));
    }
    Files.writeString(folder.resolve("train_prompts.json"), train.toString());
    Files.writeString(folder.resolve("test_prompts.json"), test.toString());
  }

  private static void write(BufferedImage picture, Path file) throws IOException {
    ImageIO.write(picture, "png", file.toFile());
  }
}
