package io.github.pix2pixzero.toyworld.scenes;

import java.util.Random;

/**
 * A scene of the toy world: what is in it, by name, and where.
 *
 * @param style of the picture: photo, sketch or oil painting
 * @param animal that sits in the middle
 * @param coat its colour
 * @param extra what it wears, or none
 * @param place behind it
 * @param object beside it, or none
 * @param objectColor colour of the object
 * @param x where the animal sits, as a share of the width
 * @param scale of the animal
 * @param tilt of its head, in radians
 * @param objectLeft whether the object is to the left
 * @param objectX where it is, as a share of the width
 * @param detailSeed of stars, clouds, windows and the horizon
 */
record Scene(
    String style,
    String animal,
    String coat,
    String extra,
    String place,
    String object,
    String objectColor,
    double x,
    double scale,
    double tilt,
    boolean objectLeft,
    double objectX,
    long detailSeed) {
  static final String[] STYLES = {"photo", "sketch", "oil painting"};
  static final String[] ANIMALS = {"cat", "dog", "rabbit", "bear", "fox", "duck"};
  static final String[] COATS = {"white", "black", "gray", "brown", "orange", "cream"};
  static final String[] EXTRAS = {"none", "sunglasses", "hat", "scarf"};
  static final String[] PLACES = {"meadow", "beach", "snow", "desert", "city", "night"};
  static final String[] OBJECTS = {"none", "tree", "ball", "house"};
  static final String[] OBJECT_COLORS = {"red", "blue", "yellow", "green", "purple"};

  Scene withAnimal(String v) {
    return new Scene(
        style,
        v,
        coat,
        extra,
        place,
        object,
        objectColor,
        x,
        scale,
        tilt,
        objectLeft,
        objectX,
        detailSeed);
  }

  Scene withStyle(String v) {
    return new Scene(
        v,
        animal,
        coat,
        extra,
        place,
        object,
        objectColor,
        x,
        scale,
        tilt,
        objectLeft,
        objectX,
        detailSeed);
  }

  Scene withCoat(String v) {
    return new Scene(
        style,
        animal,
        v,
        extra,
        place,
        object,
        objectColor,
        x,
        scale,
        tilt,
        objectLeft,
        objectX,
        detailSeed);
  }

  Scene withExtra(String v) {
    return new Scene(
        style,
        animal,
        coat,
        v,
        place,
        object,
        objectColor,
        x,
        scale,
        tilt,
        objectLeft,
        objectX,
        detailSeed);
  }

  Scene withPlace(String v) {
    return new Scene(
        style,
        animal,
        coat,
        extra,
        v,
        object,
        objectColor,
        x,
        scale,
        tilt,
        objectLeft,
        objectX,
        detailSeed);
  }

  Scene withObject(String v) {
    return new Scene(
        style,
        animal,
        coat,
        extra,
        place,
        v,
        objectColor,
        x,
        scale,
        tilt,
        objectLeft,
        objectX,
        detailSeed);
  }

  Scene withObjectColor(String v) {
    return new Scene(
        style,
        animal,
        coat,
        extra,
        place,
        object,
        v,
        x,
        scale,
        tilt,
        objectLeft,
        objectX,
        detailSeed);
  }

  static <T> T pick(Random r, T[] a) {
    return a[r.nextInt(a.length)];
  }

  /** Draws a scene. */
  static Scene random(Random r) {
    String style = r.nextDouble() < 0.6 ? "photo" : pick(r, STYLES);
    String object = r.nextDouble() < 0.35 ? "none" : OBJECTS[1 + r.nextInt(3)];
    boolean left = r.nextBoolean();
    double x =
        object.equals("none")
            ? 0.3 + 0.4 * r.nextDouble()
            : (left ? 0.55 + 0.17 * r.nextDouble() : 0.28 + 0.17 * r.nextDouble());
    double ox = left ? 0.10 + 0.12 * r.nextDouble() : 0.78 + 0.12 * r.nextDouble();
    return new Scene(
        style,
        pick(r, ANIMALS),
        pick(r, COATS),
        r.nextDouble() < 0.5 ? "none" : pick(r, EXTRAS),
        pick(r, PLACES),
        object,
        pick(r, OBJECT_COLORS),
        x,
        0.78 + 0.42 * r.nextDouble(),
        (r.nextDouble() - 0.5) * 0.35,
        left,
        ox,
        r.nextLong());
  }

  private static String article(String noun) {
    return "aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " + noun : "a " + noun;
  }

  /** The caption that names every attribute. */
  String caption() {
    StringBuilder caption = new StringBuilder();
    caption.append(
        switch (style) {
          case "photo" -> "a photo of ";
          case "sketch" -> "a sketch of ";
          default -> "an oil painting of ";
        });
    caption.append(article(coat + " " + animal));
    if (!extra.equals("none")) {
      caption.append(" wearing ").append(extra.equals("sunglasses") ? extra : "a " + extra);
    }
    caption.append(
        switch (place) {
          case "meadow" -> " in a meadow";
          case "beach" -> " on a beach";
          case "snow" -> " in the snow";
          case "desert" -> " in the desert";
          case "city" -> " in the city";
          default -> " at night";
        });
    if (!object.equals("none")) {
      caption.append(" next to ");
      caption.append(article(object.equals("tree") ? object : objectColor + " " + object));
    }
    return caption.toString();
  }
}
