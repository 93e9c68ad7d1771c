package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.util.Locale;

/**
 * The form of a {@link FastStudent}.
 *
 * @param resolution height and width of the pictures it is trained on, a multiple of 8 · block; any
 *     other multiple will do as well
 * @param block height and width of the blocks of pixels that become channels at first: 2 at 64 ×
 *     64, 4 from 256 × 256 on
 * @param width channels at the finest of four sizes; twice and four times as many at those below
 * @param head what it ends with
 */
public record FastConfig(int resolution, int block, int width, Head head) implements StudentConfig {
  static final String NAME = "fast";
  static final String HEAD = "head";

  /** Sizes the network works at, each half of the one before. */
  static final int LEVELS = 4;

  /** Checks the ranges. */
  public FastConfig {
    checkArgument(block >= 1, "blocks are at least a pixel wide, got %s", block);
    checkArgument(width >= 1, "there is at least one channel, got %s", width);
    checkArgument(head != null, "there is no head");
    int multiple = block << (LEVELS - 1);
    checkArgument(
        resolution >= multiple && resolution % multiple == 0,
        "the resolution is a multiple of %s, got %s",
        multiple,
        resolution);
  }

  /** For pictures of 64 × 64 or so. */
  public static FastConfig small(int resolution, int width) {
    return new FastConfig(resolution, 2, width, Head.BLEND);
  }

  /** For 256 × 256 and 512 × 512. */
  public static FastConfig slim(int resolution) {
    return new FastConfig(resolution, 4, 64, Head.BLEND);
  }

  /** The same with another head. */
  public FastConfig with(Head other) {
    return new FastConfig(resolution, block, width, other);
  }

  static FastConfig from(JsonConfig json) {
    return new FastConfig(
        json.getInt("resolution"), json.getInt("block"), json.getInt("width"), head(json));
  }

  static Head head(JsonConfig json) {
    String name = json.getString(HEAD, headName(Head.BLEND));
    for (Head head : Head.values()) {
      if (headName(head).equals(name)) {
        return head;
      }
    }
    throw json.unsupported(HEAD, "blend, plain");
  }

  static String headName(Head head) {
    return head.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public ImmutableMap<String, Object> toJson() {
    return ImmutableMap.of(
        KIND, NAME, "resolution", resolution, "block", block, "width", width, HEAD, headName(head));
  }

  @Override
  public String kind() {
    return NAME;
  }

  @Override
  public int multiple() {
    return block << (LEVELS - 1);
  }

  /** Channels at a level, 0 the finest. */
  int channelsAt(int level) {
    return Math.min(width << level, 4 * width);
  }
}
