package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * Says whether a picture is the edit of a source: StyleGAN2's residual discriminator (Karras et
 * al., 2020) of both side by side, with the deviation within groups of the batch as a channel of
 * the smallest features (Karras et al., 2018).
 */
public final class Discriminator {
  private static final float EPSILON = 1e-8f;
  private static final int SMALLEST = ComodConfig.SMALLEST;

  private final Conv rgb;
  private final List<Conv> convs = new ArrayList<>();
  private final List<Conv> downs = new ArrayList<>();
  private final List<Conv> skips = new ArrayList<>();
  private final Conv last;
  private final Dense dense;
  private final Dense out;
  private final int groupSize;
  private final Remembering remembering;

  /**
   * @param resolution height and width of the pictures, a power of two from 8 on
   * @param channels at each size from 4 up to {@code resolution}, doubling
   * @param groupSize pictures of a group; of a batch that it does not divide, the largest number
   *     below that does
   */
  public Discriminator(Weights weights, int resolution, List<Integer> channels, int groupSize) {
    this(weights, resolution, channels, groupSize, Remembering.ALL);
  }

  /** The same with a choice of what is kept for the backward pass. */
  public Discriminator(
      Weights weights,
      int resolution,
      List<Integer> channels,
      int groupSize,
      Remembering remembering) {
    ImmutableList<Integer> widths = ImmutableList.copyOf(channels);
    checkArgument(
        resolution == SMALLEST << (widths.size() - 1),
        "channels %s are of the sizes 4 to %s, not %s",
        widths,
        SMALLEST << (widths.size() - 1),
        resolution);
    checkArgument(groupSize > 0, "a group has at least one picture, got %s", groupSize);
    this.groupSize = groupSize;
    this.remembering = remembering;
    Blur blur = new Blur();
    int level = widths.size() - 1;
    rgb = Conv.same(weights.at("rgb"), 2 * 3, widths.get(level), 1, Activation.LEAKY);
    for (int size = resolution; size > SMALLEST; size /= 2, level--) {
      int in = widths.get(level);
      int below = widths.get(level - 1);
      Weights block = weights.at(size);
      convs.add(Conv.same(block.at("conv"), in, in, 3, Activation.LEAKY));
      downs.add(Conv.down(block.at("down"), in, below, blur, Activation.LEAKY.halved()));
      skips.add(Conv.skip(block.at("skip"), in, below, blur, Activation.NONE.halved()));
    }
    int smallest = widths.get(0);
    Weights end = weights.at(SMALLEST);
    last = Conv.same(end.at("conv"), smallest + 1, smallest, 3, Activation.LEAKY);
    dense = new Dense(end.at("dense"), Flat.size(smallest), smallest, Activation.LEAKY);
    out = new Dense(weights.at("out"), smallest, 1, Activation.NONE);
  }

  /** Into how many groups a batch falls. Picture b is in group b mod M of M. */
  static int groups(int batch, int groupSize) {
    int size = Math.min(groupSize, batch);
    while (batch % size != 0) {
      size--;
    }
    return batch / size;
  }

  /**
   * Scores [batch, 1]: high where {@code picture} looks like the edit of {@code source}, both
   * [batch, resolution, resolution, 3].
   */
  public Tensor scores(Tensor picture, Tensor source) {
    Tensor x =
        remembering.level(
            inputs -> rgb.forward(Tensor.concat(3, inputs[0], inputs[1])), picture, source);
    for (int i = 0; i < convs.size(); i++) {
      int level = i;
      x = remembering.level(inputs -> residual(level, inputs[0]), x);
    }
    x = last.forward(Tensor.concat(3, x, deviation(x)));
    return out.forward(dense.forward(Flat.of(x)));
  }

  private Tensor residual(int level, Tensor x) {
    Tensor down = downs.get(level).forward(convs.get(level).forward(x));
    return down.add(skips.get(level).forward(x));
  }

  /** How much the pictures of a group differ, [batch, 4, 4, 1]. */
  private Tensor deviation(Tensor x) {
    int batch = x.dim(0);
    int groups = groups(batch, groupSize);
    int size = batch / groups;
    Tensor y = x.reshape(size, groups, -1);
    Tensor deviation = y.variance(0).add(EPSILON).sqrt().mean(2); // [1, groups, 1]
    return deviation
        .expand(size, groups, SMALLEST * SMALLEST)
        .reshape(batch, SMALLEST, SMALLEST, 1);
  }
}
