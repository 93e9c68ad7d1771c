package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.io.JsonConfig;

/** The form of a {@link Student}, as its {@code config.json} says it. */
public sealed interface StudentConfig permits ComodConfig, FastConfig {
  /** The key of the kind of network. */
  String KIND = "student";

  /** The name of the kind: {@code comod} or {@code fast}. */
  String kind();

  /** Height and width of the pictures it is trained on. */
  int resolution();

  /** What it ends with. */
  Head head();

  /** For {@code config.json}: {@link #from} reads it. */
  ImmutableMap<String, Object> toJson();

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
