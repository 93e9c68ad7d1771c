package io.github.pix2pixzero.toyworld.scenes;

import java.util.List;
import java.util.Random;

/**
 * A kind of edit: what it changes, from which value to which.
 *
 * @param attribute animal, coat, extra, place or style
 */
record SceneEdit(String attribute, String from, String to) {
  /** The kinds of the evaluation set, in its order. */
  static final List<SceneEdit> ALL =
      List.of(
          new SceneEdit("animal", "cat", "dog"),
          new SceneEdit("animal", "dog", "cat"),
          new SceneEdit("animal", "bear", "rabbit"),
          new SceneEdit("extra", "none", "sunglasses"),
          new SceneEdit("extra", "none", "hat"),
          new SceneEdit("place", "meadow", "snow"),
          new SceneEdit("coat", "white", "brown"),
          new SceneEdit("style", "photo", "sketch"),
          new SceneEdit("style", "sketch", "oil painting"));

  /** Every value that the attribute can have. */
  List<String> values() {
    return List.of(
        switch (attribute) {
          case "animal" -> Scene.ANIMALS;
          case "coat" -> Scene.COATS;
          case "extra" -> Scene.EXTRAS;
          case "place" -> Scene.PLACES;
          default -> Scene.STYLES;
        });
  }

  /** The scene with another value of the attribute. */
  Scene apply(Scene scene, String value) {
    return switch (attribute) {
      case "animal" -> scene.withAnimal(value);
      case "coat" -> scene.withCoat(value);
      case "extra" -> scene.withExtra(value);
      case "place" -> scene.withPlace(value);
      default -> scene.withStyle(value);
    };
  }

  /** Draws a scene that the edit starts from. */
  Scene source(Random random) {
    Scene scene = apply(Scene.random(random), from);
    if (!attribute.equals("style")) {
      scene = scene.withStyle("photo");
    }
    // A hat or a scarf would hide what coat and place are judged by.
    return attribute.equals("coat") || attribute.equals("place") ? scene.withExtra("none") : scene;
  }

  /** What the names of a scene's files begin with. */
  String id(int number) {
    return underscored(attribute + "-" + from + "-" + to + "-" + number);
  }

  static String underscored(String words) {
    return words.replace(' ', '_');
  }
}
