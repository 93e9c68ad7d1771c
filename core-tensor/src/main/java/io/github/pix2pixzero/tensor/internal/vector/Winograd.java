package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.WIDTH;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.IN;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.KERNEL;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.OUT;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.POSITIONS;

import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Fill;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Layout;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Use;
import io.github.pix2pixzero.tensor.internal.vector.Product.Left;
import io.github.pix2pixzero.tensor.internal.vector.Product.Result;

/**
 * Convolutions 3 × 3 of stride 1 by {@link WinogradTransforms}: 36 multiplications for 16 pixels
 * instead of 144.
 *
 * <p>Transformed weights take four times the memory of the weights, so they are made anew for each
 * call, panel by panel, which costs a few percent; those of a small model are kept where pictures
 * are so small that it would cost more.
 */
final class Winograd {
  /** Fewer tiles do not make up for transforming the weights. */
  private static final int LEAST_TILES = 4;

  /** With more, transforming the weights is less than a twentieth of the work. */
  private static final int FEW_TILES = 63;

  /** Tiles multiplied at a time. */
  private static final int BLOCK = 48;

  /** Transformed input that exists at a time, unless that would be too few tiles. */
  private static final int CHUNK_FLOATS = 1 << 19;

  private static final int LEAST_CHUNK = 4 * BLOCK;

  /** Tasks wanted where there are few panels. */
  private static final int TASKS = 8;

  /** Tiles for which it is worth it to transform a panel's weights once more. */
  private static final int LEAST_PART = 2 * BLOCK;

  /** Input channels whose weights are transformed at a time. */
  private static final int WEIGHT_CHANNELS = 64;

  private final Workers workers;
  private final Packing packing;

  Winograd(Workers workers, Packing packing) {
    this.workers = workers;
    this.packing = packing;
  }

  /** Whether this way is open and faster. */
  static boolean pays(Conv2dSpec spec) {
    WinogradTiles tiles = WinogradTiles.of(spec);
    return tiles.fit() && spec.outChannels() >= WIDTH && tiles.count() >= LEAST_TILES;
  }

  /** Whether transforming the weights is a good part of the work. */
  static boolean hasFewTiles(Conv2dSpec spec) {
    return WinogradTiles.of(spec).count() <= FEW_TILES;
  }

  /** Where transformed weights lie: a panel of all positions, one after another. */
  static Layout layout(Conv2dSpec spec, Use use) {
    return new Layout(use, 1, POSITIONS * spec.inChannels(), spec.outChannels());
  }

  /** Makes transformed panels of those of the weights. */
  static Fill transformed(Layout weights, Fill fill) {
    return (target, factor, panel) -> {
      Panels all = new Panels(null, 0, weights.depth(), weights.columns());
      float[] space = Scratch.get().floats(3, weights.depth() * all.width(panel));
      Panels one = new Panels(space, -all.panelStart(panel), weights.depth(), weights.columns());
      fill.panel(one, factor, panel);
      int channels = weights.depth() / (KERNEL * KERNEL);
      transformWeight(one, panel, channels, target.array(), target.panelStart(panel));
    };
  }

  /**
   * The convolution.
   *
   * @param x the input, without a border
   * @param transformed whether the weights are those of {@link #transformed}
   */
  void convolve(
      Conv2dSpec spec, float[] x, Factors weight, boolean transformed, float[] bias, float[] out) {
    Call call = new Call(spec, x, weight, transformed, bias, out);
    int tiles = call.tiles.count();
    int chunk = Math.max(LEAST_CHUNK, CHUNK_FLOATS / POSITIONS / spec.inChannels());
    for (int first = 0; first < tiles; first += chunk) {
      call.chunk(first, Math.min(chunk, tiles - first));
    }
  }

  /** One convolution. */
  private final class Call {
    private final Conv2dSpec spec;
    private final WinogradTiles tiles;
    private final int channels;
    private final float[] x;
    private final Factors weight;
    private final boolean transformed;
    private final float[] bias;
    private final float[] out;

    Call(
        Conv2dSpec spec,
        float[] x,
        Factors weight,
        boolean transformed,
        float[] bias,
        float[] out) {
      this.spec = spec;
      this.tiles = WinogradTiles.of(spec);
      this.channels = spec.inChannels();
      this.x = x;
      this.weight = weight;
      this.transformed = transformed;
      this.bias = bias;
      this.out = out;
    }

    /** Computes some tiles of the output. */
    void chunk(int first, int count) {
      int stride = Product.spread(count * channels);
      try (Borrowed borrowed = packing.array(POSITIONS * stride)) {
        float[] input = borrowed.array();
        tiles.transformInput(workers, x, first, count, input, stride);
        int wanted = Math.min(count / LEAST_PART, Tasks.divideUp(TASKS, weight.count()));
        int part = Tasks.divideUp(Tasks.divideUp(count, Math.max(1, wanted)), BLOCK) * BLOCK;
        int parts = Tasks.divideUp(count, part);
        workers.run(
            weight.count() * parts,
            task -> {
              int from = task % parts * part;
              multiply(task / parts, first, from, Math.min(count, from + part), stride, input);
            });
      }
    }

    /** Everything for some output channels of some of a chunk's tiles. */
    private void multiply(int panel, int first, int from, int end, int stride, float[] input) {
      Panels panels = weight.panels(0, panel, panel + 1);
      int width = panels.width(panel);
      int block = Math.min(BLOCK, end - from);
      Scratch scratch = Scratch.get();
      Panels factors = transformed ? panels : transform(panels, panel, scratch);
      int factorsStart = factors.panelStart(panel);
      float[] products = scratch.floats(2, POSITIONS * block * width);
      for (int tile = from; tile < end; tile += block) {
        int rows = Math.min(block, end - tile);
        int[] offsets = scratch.evenRows(0, rows, channels);
        for (int position = 0; position < POSITIONS; position++) {
          int start = position * stride + tile * channels;
          Product.multiply(
              rows,
              Left.matrix(input, start, offsets, channels),
              new Panels(
                  factors.array(), factorsStart + position * channels * width, channels, width),
              Result.plain(products, position * rows * width, width));
        }
        transformOutput(panel, width, first + tile, rows, products);
      }
    }

    private Panels transform(Panels panels, int panel, Scratch scratch) {
      float[] space = scratch.floats(1, POSITIONS * channels * panels.width(panel));
      transformWeight(panels, panel, channels, space, 0);
      int depth = POSITIONS * channels;
      return new Panels(space, -panel * WIDTH * depth, depth, panels.columns());
    }

    /** Writes AᵀmA with the bias to where it belongs. */
    private void transformOutput(int panel, int width, int first, int rows, float[] products) {
      int size = rows * width;
      float[] half = Scratch.get().floats(0, (OUT * IN + OUT) * size);
      int line = OUT * IN * size;
      WinogradTransforms.outputSide(IN * size, products, 0, IN * size, half, 0, IN * size);
      int column = panel * WIDTH;
      int valid = Math.min(width, weight.columns() - column);
      for (int i = 0; i < OUT; i++) {
        WinogradTransforms.outputSide(size, half, i * IN * size, size, half, line, size);
        for (int row = 0; row < rows; row++) {
          place(first + row, i, column, valid, half, line + row * width, size);
        }
      }
    }

    /** Writes line {@code i} of a tile, whose pixels are {@code stride} apart. */
    private void place(
        int tile, int i, int column, int valid, float[] pixels, int start, int stride) {
      int y = tiles.top(tile) + i;
      if (y >= spec.outHeight()) {
        return;
      }
      int x = tiles.left(tile);
      int count = Math.min(OUT, spec.outWidth() - x);
      int n = spec.outChannels();
      int to = ((tiles.picture(tile) * spec.outHeight() + y) * spec.outWidth() + x) * n + column;
      for (int j = 0; j < count; j++) {
        if (bias == null) {
          System.arraycopy(pixels, start + j * stride, out, to + j * n, valid);
        } else {
          addBias(valid, pixels, start + j * stride, column, to + j * n);
        }
      }
    }

    private void addBias(int valid, float[] pixels, int from, int column, int to) {
      for (int c = 0; c < valid; c++) {
        out[to + c] = pixels[from + c] + bias[column + c];
      }
    }
  }

  /** Writes GgGᵀ into [position, input channel, width]. */
  private static void transformWeight(
      Panels panels, int panel, int channels, float[] transformed, int to) {
    int width = panels.width(panel);
    int start = panels.panelStart(panel);
    int run = channels * width;
    float[] half = Scratch.get().floats(0, IN * KERNEL * WEIGHT_CHANNELS * width);
    for (int channel = 0; channel < channels; channel += WEIGHT_CHANNELS) {
      int length = Math.min(WEIGHT_CHANNELS, channels - channel) * width;
      int at = channel * width;
      for (int x = 0; x < KERNEL; x++) {
        int from = start + x * run + at;
        WinogradTransforms.weightSide(
            length, panels.array(), from, KERNEL * run, half, x * length, KERNEL * length);
      }
      for (int i = 0; i < IN; i++) {
        WinogradTransforms.weightSide(
            length, half, i * KERNEL * length, length, transformed, to + i * IN * run + at, run);
      }
    }
  }
}
