package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.AvgPool2d;
import io.github.pix2pixzero.tensor.ops.BilinearResize;
import io.github.pix2pixzero.tensor.ops.PixelBlocks;
import io.github.pix2pixzero.tensor.random.Generator;
import java.util.ArrayList;
import java.util.List;

/**
 * A U-Net on blocks of pixels, without modulation or chance: a third of a {@link ComodStudent}'s
 * arithmetic. It takes pictures of any size whose sides are multiples of 8 blocks.
 */
public final class FastStudent implements Student {
  private final FastConfig config;
  private final Remembering remembering;
  private final Conv in;
  private final List<Conv> keeps = new ArrayList<>();
  private final List<Conv> downs = new ArrayList<>();
  private final Conv middle;
  private final List<Conv> befores = new ArrayList<>();
  private final List<Conv> afters = new ArrayList<>();
  private final Conv out;

  FastStudent(Weights weights, FastConfig config, Remembering remembering) {
    this.config = config;
    this.remembering = remembering;
    int area = config.block() * config.block();
    in = conv(weights.at("in"), 3 * area, config.channelsAt(0));
    for (int level = 0; level < FastConfig.LEVELS - 1; level++) {
      int channels = config.channelsAt(level);
      int below = config.channelsAt(level + 1);
      Weights down = weights.at("down").at(level);
      keeps.add(conv(down.at("keep"), channels, channels));
      downs.add(conv(down.at("down"), channels, below));
      Weights up = weights.at("up").at(level);
      befores.add(conv(up.at("before"), below, channels));
      afters.add(conv(up.at("after"), 2 * channels, channels));
    }
    int deepest = config.channelsAt(FastConfig.LEVELS - 1);
    middle = conv(weights.at("middle"), deepest, deepest);
    out =
        Conv.same(
            weights.at("out"),
            config.channelsAt(0),
            config.head().channels() * area,
            3,
            Activation.NONE);
  }

  private static Conv conv(Weights weights, int in, int out) {
    return Conv.same(weights, in, out, 3, Activation.LEAKY);
  }

  @Override
  public FastConfig config() {
    return config;
  }

  @Override
  public Answer answer(Tensor source) {
    StudentConfig.checkSource(source, config.multiple());
    List<Tensor> kept = new ArrayList<>();
    Tensor x = in.forward(PixelBlocks.gather(source, config.block()));
    for (int level = 0; level < FastConfig.LEVELS - 1; level++) {
      Conv keep = keeps.get(level);
      x = remembering.level(inputs -> keep.forward(inputs[0]), x);
      kept.add(x);
      Conv down = downs.get(level);
      x = remembering.level(inputs -> down.forward(AvgPool2d.of(inputs[0], 2, 2, 0)), x);
    }
    x = middle.forward(x);
    for (int level = FastConfig.LEVELS - 2; level >= 0; level--) {
      int up = level;
      x = remembering.level(inputs -> up(up, inputs[0], inputs[1]), x, kept.get(level));
    }
    return config.head().answer(source, PixelBlocks.scatter(out.forward(x), config.block()));
  }

  private Tensor up(int level, Tensor x, Tensor kept) {
    Tensor y = befores.get(level).forward(x);
    y = BilinearResize.of(y, 2 * y.dim(1), 2 * y.dim(2), false);
    return afters.get(level).forward(Tensor.concat(3, y, kept));
  }

  /** The same: nothing is left to chance. */
  @Override
  public Answer answer(Tensor source, List<? extends Generator> random) {
    return answer(source);
  }
}
