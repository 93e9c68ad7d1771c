package io.github.pix2pixzero.evaluation.measure;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import java.awt.image.BufferedImage;
import java.util.Map;

/**
 * What the right result would be, where that is known: in a world that is drawn.
 *
 * @param right the value that was to be made, such as {@code dog}
 * @param pictures the picture as it would be with each value, the right one among them
 */
public record Answers(String right, ImmutableMap<String, BufferedImage> pictures) {

  /**
   * @throws IllegalArgumentException if the right value has no picture
   */
  public Answers {
    checkArgument(pictures.containsKey(right), "there is no answer for %s", right);
  }

  public Answers(String right, Map<String, BufferedImage> pictures) {
    this(right, ImmutableMap.copyOf(pictures));
  }

  BufferedImage rightPicture() {
    return pictures.get(right);
  }
}
