package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.util.OptionalInt;

/** The form of a {@link Student}, as its {@code config.json} says it. */
public sealed interface StudentConfig permits ComodConfig, FastConfig {
  /** The key of the kind of network. */
  String KIND = "student";

  /** Channels of the finest size of small pictures. */
  int USUAL_WIDTH = 16;

  /** Pictures from this size on are large. */
  int LARGE = 256;

  /** The name of the kind: {@code comod} or {@code fast}. */
  String kind();

  /** Height and width of the pictures it is trained on. */
  int resolution();

  /** Height and width of pictures that it takes are multiples of this. */
  int multiple();

  /** What it ends with. */
  Head head();

  /** For {@code config.json}: {@link #from} reads it. */
  ImmutableMap<String, Object> toJson();

  /**
   * The usual form of a kind.
   *
   * @param kind {@code comod} or {@code fast}
   * @param resolution height and width of the pictures it is trained on
   * @param width channels of its finest size; empty for 16 below 256 × 256, and from there on
   *     {@link ComodConfig#slim} and {@link FastConfig#slim}
   * @throws IllegalArgumentException if there is no such kind, or it has no such size
   */
  static StudentConfig of(String kind, int resolution, OptionalInt width) {
    boolean slim = width.isEmpty() && resolution >= LARGE;
    int channels = width.orElse(USUAL_WIDTH);
    return switch (kind) {
      case ComodConfig.NAME ->
          slim ? ComodConfig.slim(resolution) : ComodConfig.small(resolution, channels);
      case FastConfig.NAME ->
          slim ? FastConfig.slim(resolution) : FastConfig.small(resolution, channels);
      default ->
          throw new IllegalArgumentException(
              "a student is %s or %s, not %s".formatted(ComodConfig.NAME, FastConfig.NAME, kind));
    };
  }

  /**
   * Reads a config.
   *
   * @throws IllegalArgumentException naming a key that is missing, or whose value is not supported
   */
  static StudentConfig from(JsonConfig json) {
    String kind = json.getString(KIND, "");
    return switch (kind) {
      case ComodConfig.NAME -> ComodConfig.from(json);
      case FastConfig.NAME -> FastConfig.from(json);
      default -> throw json.unsupported(KIND, ComodConfig.NAME + ", " + FastConfig.NAME);
    };
  }

  /** Refuses what is no picture of whole {@code multiple}s in height and width. */
  static void checkSource(Tensor source, int multiple) {
    checkArgument(
        source.shape().rank() == 4
            && source.dim(3) == 3
            && source.dim(1) % multiple == 0
            && source.dim(2) % multiple == 0,
        "the source has shape %s, expected [batch, height, width, 3] with multiples of %s",
        source.shape(),
        multiple);
  }
}
