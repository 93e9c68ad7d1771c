package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The form of a {@link ComodStudent}.
 *
 * @param resolution height and width of the pictures, a power of two from 8 on
 * @param channels at each size from 4 up to {@code resolution}, doubling
 * @param globalWidth width of the code of the whole picture
 * @param dropout share of that code that is dropped in training, below 1
 * @param mapping how chance becomes styles; null for a student without chance, which answers a
 *     picture always alike
 * @param head what it ends with
 */
public record ComodConfig(
    int resolution,
    List<Integer> channels,
    int globalWidth,
    double dropout,
    Mapping mapping,
    Head head)
    implements StudentConfig {
  static final String NAME = "comod";

  /** Height and width of the smallest features. */
  static final int SMALLEST = 4;

  private static final double DROPOUT = 0.5;
  private static final double PUBLISHED_RATE = 0.01;

  /**
   * The network that makes styles of chance, and with it noise in every layer.
   *
   * @param inputs numbers drawn for a picture
   * @param width of its layers and of the style
   * @param layers how many
   * @param rate the network's share of the learning rate
   */
  public record Mapping(int inputs, int width, int layers, double rate) {
    /** Checks the ranges. */
    public Mapping {
      checkArgument(
          inputs > 0 && width > 0 && layers > 0 && rate > 0,
          "a mapping of %s numbers by %s layers of width %s at a rate of %s is none",
          inputs,
          layers,
          width,
          rate);
    }
  }

  /** Checks the ranges. */
  public ComodConfig {
    channels = ImmutableList.copyOf(channels);
    checkArgument(
        resolution >= 2 * SMALLEST && Integer.bitCount(resolution) == 1,
        "the resolution is a power of two from 8 on, got %s",
        resolution);
    int sizes = Integer.numberOfTrailingZeros(resolution / SMALLEST) + 1;
    checkArgument(
        channels.size() == sizes && channels.stream().allMatch(c -> c > 0),
        "%s sizes from 4 to %s need as many numbers of channels, got %s",
        sizes,
        resolution,
        channels);
    checkArgument(globalWidth > 0, "the global code has a width above 0, got %s", globalWidth);
    checkArgument(dropout >= 0 && dropout < 1, "dropout is in [0, 1), got %s", dropout);
    checkArgument(head != null, "there is no head");
  }

  /** For pictures of 64 × 64 or so: width · resolution / size channels, at most 4 · width. */
  public static ComodConfig small(int resolution, int width) {
    IntUnaryOperator rule = size -> Math.min(width * resolution / size, 4 * width);
    return of(resolution, rule, 8 * width, null);
  }

  /** For 256 × 256 and 512 × 512, half as wide as published, without chance. */
  public static ComodConfig slim(int resolution) {
    return of(resolution, size -> Math.min(16384 / size, 256), 512, null);
  }

  /** As published by Zhao et al., 2021. */
  public static ComodConfig published(int resolution) {
    IntUnaryOperator rule = size -> Math.min(32768 / size, 512);
    return of(resolution, rule, 1024, new Mapping(512, 512, 8, PUBLISHED_RATE));
  }

  private static ComodConfig of(
      int resolution, IntUnaryOperator rule, int globalWidth, Mapping mapping) {
    List<Integer> channels =
        IntStream.iterate(SMALLEST, size -> size <= resolution, size -> 2 * size)
            .map(rule)
            .boxed()
            .toList();
    return new ComodConfig(resolution, channels, globalWidth, DROPOUT, mapping, Head.BLEND);
  }

  /** The same with another head. */
  public ComodConfig with(Head other) {
    return new ComodConfig(resolution, channels, globalWidth, dropout, mapping, other);
  }

  static ComodConfig from(JsonConfig json) {
    Mapping mapping =
        json.has("z_width")
            ? new Mapping(
                json.getInt("z_width"),
                json.getInt("w_width"),
                json.getInt("mapping_layers"),
                json.getDouble("mapping_rate", PUBLISHED_RATE))
            : null;
    return new ComodConfig(
        json.getInt("resolution"),
        json.getInts("channels"),
        json.getInt("global_width"),
        json.getDouble("dropout", DROPOUT),
        mapping,
        FastConfig.head(json));
  }

  @Override
  public ImmutableMap<String, Object> toJson() {
    ImmutableMap.Builder<String, Object> json =
        ImmutableMap.<String, Object>builder()
            .put(KIND, NAME)
            .put("resolution", resolution)
            .put("channels", channels)
            .put("global_width", globalWidth)
            .put("dropout", dropout)
            .put(FastConfig.HEAD, FastConfig.headName(head));
    if (mapping != null) {
      json.put("z_width", mapping.inputs())
          .put("w_width", mapping.width())
          .put("mapping_layers", mapping.layers())
          .put("mapping_rate", mapping.rate());
    }
    return json.buildOrThrow();
  }

  @Override
  public String kind() {
    return NAME;
  }

  @Override
  public int multiple() {
    return resolution;
  }

  /** Channels at a size. */
  int channelsAt(int size) {
    return channels.get(Integer.numberOfTrailingZeros(size / SMALLEST));
  }

  /** Width of what a layer's style is made of: the style of chance and the global code. */
  int styleWidth() {
    return globalWidth + (mapping == null ? 0 : mapping.width());
  }

  /** Styles a picture is made with: one a layer, of which that of colours serves the next too. */
  int styles() {
    return 2 * channels.size();
  }
}
