package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.WIDTH;

import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Fill;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Layout;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Use;
import io.github.pix2pixzero.tensor.internal.vector.Product.Left;
import io.github.pix2pixzero.tensor.internal.vector.Product.Result;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Convolutions 3 × 3 of stride 1 by Winograd's minimal filtering F(4 × 4, 3 × 3) (Lavin and Gray,
 * 2016): 36 multiplications for 16 pixels instead of 144.
 *
 * <p>The polynomials are interpolated at 0, ±2/3, ±3/2 and ∞. Compared with the usual 0, ±1, ±2 and
 * ∞ the numbers that cancel stay smaller, and the greatest error is a fifth; it is about seven
 * times that of direct summation, 3e-6 of the result's scale at 320 channels.
 *
 * <p>Transformed weights take four times the memory of the weights, so they are made anew for each
 * call, panel by panel, which costs a few percent; those of a small model are kept where pictures
 * are so small that it would cost more.
 */
final class Winograd {
  /** Output pixels along a side of a tile. */
  private static final int OUT = 4;

  /** Input pixels along a side of a tile, and transformed ones. */
  private static final int IN = 6;

  private static final int POSITIONS = IN * IN;
  private static final int KERNEL = 3;

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

  private static final double A = 2.0 / 3;
  private static final double B = 3.0 / 2;
  private static final double A2 = A * A;
  private static final double B2 = B * B;
  private static final FloatVector POINT_A = splat(A);
  private static final FloatVector POINT_B = splat(B);
  private static final FloatVector SQUARE_A = splat(A2);
  private static final FloatVector SQUARE_B = splat(B2);
  private static final FloatVector CUBE_A = splat(A2 * A);
  private static final FloatVector CUBE_B = splat(B2 * B);
  private static final FloatVector MINUS_SQUARE_A = splat(-A2);
  private static final FloatVector MINUS_SQUARE_B = splat(-B2);
  private static final FloatVector MINUS_SQUARES = splat(-A2 - B2);
  private static final FloatVector SHARE_A = splat(1 / (2 * A2 * (A2 - B2)));
  private static final FloatVector SHARE_B = splat(1 / (2 * B2 * (B2 - A2)));
  private static final FloatVector ODD_SHARE_A = splat(1 / (2 * A * (A2 - B2)));
  private static final FloatVector ODD_SHARE_B = splat(1 / (2 * B * (B2 - A2)));

  private final Workers workers;
  private final Packing packing;

  Winograd(Workers workers, Packing packing) {
    this.workers = workers;
    this.packing = packing;
  }

  /** Whether this way is open and faster. */
  static boolean pays(Conv2dSpec spec) {
    int tiles = tiles(spec);
    return spec.kernel() == KERNEL
        && spec.stride() == 1
        && spec.inChannels() % LANES == 0
        && spec.outChannels() >= WIDTH
        && tiles >= LEAST_TILES
        && 2 * tiles * OUT * OUT <= 3 * spec.outPixels();
  }

  /** Whether transforming the weights is a good part of the work. */
  static boolean hasFewTiles(Conv2dSpec spec) {
    return tiles(spec) <= FEW_TILES;
  }

  private static int tiles(Conv2dSpec spec) {
    return spec.batch() * tilesDown(spec) * tilesAcross(spec);
  }

  private static int tilesDown(Conv2dSpec spec) {
    return Tasks.divideUp(spec.outHeight(), OUT);
  }

  private static int tilesAcross(Conv2dSpec spec) {
    return Tasks.divideUp(spec.outWidth(), OUT);
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
    int tiles = tiles(spec);
    int chunk = Math.max(LEAST_CHUNK, CHUNK_FLOATS / POSITIONS / spec.inChannels());
    for (int first = 0; first < tiles; first += chunk) {
      call.chunk(first, Math.min(chunk, tiles - first));
    }
  }

  /** One convolution. */
  private final class Call {
    private final Conv2dSpec spec;
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
      this.channels = spec.inChannels();
      this.x = x;
      this.weight = weight;
      this.transformed = transformed;
      this.bias = bias;
      this.out = out;
    }

    /** Computes some tiles of the output. */
    void chunk(int first, int tiles) {
      int stride = Product.spread(tiles * channels);
      try (Borrowed borrowed = packing.array(POSITIONS * stride)) {
        float[] input = borrowed.array();
        workers.range(
            tiles,
            Tasks.grain((long) POSITIONS * channels * IN),
            (from, to) -> {
              float[] half = Scratch.get().floats(0, POSITIONS * channels);
              for (int tile = from; tile < to; tile++) {
                transformInput(first, tile, stride, half, input);
              }
            });
        int wanted = Math.min(tiles / LEAST_PART, Tasks.divideUp(TASKS, weight.count()));
        int part = Tasks.divideUp(Tasks.divideUp(tiles, Math.max(1, wanted)), BLOCK) * BLOCK;
        int parts = Tasks.divideUp(tiles, part);
        workers.run(
            weight.count() * parts,
            task -> {
              int from = task % parts * part;
              multiply(task / parts, first, from, Math.min(tiles, from + part), stride, input);
            });
      }
    }

    /** Writes BᵀdB of a tile into [position, tile, channels], positions {@code stride} apart. */
    private void transformInput(int first, int tile, int stride, float[] half, float[] input) {
      int across = tilesAcross(spec);
      int down = tilesDown(spec);
      int picture = (first + tile) / across / down;
      int top = (first + tile) / across % down * OUT - spec.padTop();
      int left = (first + tile) % across * OUT - spec.padLeft();
      int line = IN * channels;
      if (top >= 0 && left >= 0 && top + IN <= spec.height() && left + IN <= spec.width()) {
        int pictureLine = spec.width() * channels;
        int from = (picture * spec.height() + top) * pictureLine + left * channels;
        inputSide(line, x, from, pictureLine, half, 0, line);
      } else {
        float[] window = Scratch.get().floats(1, POSITIONS * channels);
        copyWindow(picture, top, left, window);
        inputSide(line, window, 0, line, half, 0, line);
      }
      for (int i = 0; i < IN; i++) {
        int to = i * IN * stride + tile * channels;
        inputSide(channels, half, i * line, channels, input, to, stride);
      }
    }

    /** Copies a window that reaches over the picture's border, with zeros there. */
    private void copyWindow(int picture, int top, int left, float[] window) {
      Arrays.fill(window, 0, POSITIONS * channels, 0f);
      int before = Math.max(0, -left);
      int count = Math.min(IN, spec.width() - left) - before;
      for (int i = Math.max(0, -top); i < Math.min(IN, spec.height() - top) && count > 0; i++) {
        int row = (picture * spec.height() + top + i) * spec.width();
        System.arraycopy(
            x,
            (row + left + before) * channels,
            window,
            (i * IN + before) * channels,
            count * channels);
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
      outputSide(IN * size, products, 0, IN * size, half, 0, IN * size);
      int column = panel * WIDTH;
      int valid = Math.min(width, weight.columns() - column);
      for (int i = 0; i < OUT; i++) {
        outputSide(size, half, i * IN * size, size, half, line, size);
        for (int row = 0; row < rows; row++) {
          place(first + row, i, column, valid, half, line + row * width, size);
        }
      }
    }

    /** Writes line {@code i} of a tile, whose pixels are {@code stride} apart. */
    private void place(
        int tile, int i, int column, int valid, float[] pixels, int start, int stride) {
      int across = tilesAcross(spec);
      int down = tilesDown(spec);
      int y = tile / across % down * OUT + i;
      if (y >= spec.outHeight()) {
        return;
      }
      int picture = tile / across / down;
      int x = tile % across * OUT;
      int count = Math.min(OUT, spec.outWidth() - x);
      int n = spec.outChannels();
      int to = ((picture * spec.outHeight() + y) * spec.outWidth() + x) * n + column;
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
        weightSide(length, panels.array(), from, KERNEL * run, half, x * length, KERNEL * length);
      }
      for (int i = 0; i < IN; i++) {
        weightSide(
            length, half, i * KERNEL * length, length, transformed, to + i * IN * run + at, run);
      }
    }
  }

  /**
   * Bᵀ times 6 rows. Rows of {@code x} and {@code out} are strides apart; every length here is made
   * of whole vectors.
   */
  private static void inputSide(
      int length, float[] x, int from, int stride, float[] out, int to, int outStride) {
    for (int i = 0; i < length; i += LANES) {
      int at = from + i;
      int o = to + i;
      FloatVector d0 = FloatVector.fromArray(SPECIES, x, at);
      FloatVector d1 = FloatVector.fromArray(SPECIES, x, at + stride);
      FloatVector d2 = FloatVector.fromArray(SPECIES, x, at + 2 * stride);
      FloatVector d3 = FloatVector.fromArray(SPECIES, x, at + 3 * stride);
      FloatVector d4 = FloatVector.fromArray(SPECIES, x, at + 4 * stride);
      FloatVector d5 = FloatVector.fromArray(SPECIES, x, at + 5 * stride);
      MINUS_SQUARES.fma(d2, d0.add(d4)).intoArray(out, o);
      FloatVector even = MINUS_SQUARE_B.fma(d2, d4);
      FloatVector odd = MINUS_SQUARE_B.fma(d1, d3).mul(POINT_A);
      even.add(odd).intoArray(out, o + outStride);
      even.sub(odd).intoArray(out, o + 2 * outStride);
      even = MINUS_SQUARE_A.fma(d2, d4);
      odd = MINUS_SQUARE_A.fma(d1, d3).mul(POINT_B);
      even.add(odd).intoArray(out, o + 3 * outStride);
      even.sub(odd).intoArray(out, o + 4 * outStride);
      MINUS_SQUARES.fma(d3, d1.add(d5)).intoArray(out, o + 5 * outStride);
    }
  }

  /** G times 3 rows. */
  private static void weightSide(
      int length, float[] x, int from, int stride, float[] out, int to, int outStride) {
    for (int i = 0; i < length; i += LANES) {
      int at = from + i;
      int o = to + i;
      FloatVector g0 = FloatVector.fromArray(SPECIES, x, at);
      FloatVector g1 = FloatVector.fromArray(SPECIES, x, at + stride);
      FloatVector g2 = FloatVector.fromArray(SPECIES, x, at + 2 * stride);
      g0.intoArray(out, o);
      FloatVector even = SQUARE_A.fma(g2, g0).mul(SHARE_A);
      FloatVector odd = ODD_SHARE_A.mul(g1);
      even.add(odd).intoArray(out, o + outStride);
      even.sub(odd).intoArray(out, o + 2 * outStride);
      even = SQUARE_B.fma(g2, g0).mul(SHARE_B);
      odd = ODD_SHARE_B.mul(g1);
      even.add(odd).intoArray(out, o + 3 * outStride);
      even.sub(odd).intoArray(out, o + 4 * outStride);
      g2.intoArray(out, o + 5 * outStride);
    }
  }

  /** Aᵀ times 6 rows. */
  private static void outputSide(
      int length, float[] x, int from, int stride, float[] out, int to, int outStride) {
    for (int i = 0; i < length; i += LANES) {
      int at = from + i;
      int o = to + i;
      FloatVector m1 = FloatVector.fromArray(SPECIES, x, at + stride);
      FloatVector m2 = FloatVector.fromArray(SPECIES, x, at + 2 * stride);
      FloatVector m3 = FloatVector.fromArray(SPECIES, x, at + 3 * stride);
      FloatVector m4 = FloatVector.fromArray(SPECIES, x, at + 4 * stride);
      FloatVector evenA = m1.add(m2);
      FloatVector oddA = m1.sub(m2);
      FloatVector evenB = m3.add(m4);
      FloatVector oddB = m3.sub(m4);
      FloatVector.fromArray(SPECIES, x, at).add(evenA).add(evenB).intoArray(out, o);
      POINT_A.fma(oddA, POINT_B.mul(oddB)).intoArray(out, o + outStride);
      SQUARE_A.fma(evenA, SQUARE_B.mul(evenB)).intoArray(out, o + 2 * outStride);
      FloatVector m5 = FloatVector.fromArray(SPECIES, x, at + 5 * stride);
      CUBE_A.fma(oddA, CUBE_B.fma(oddB, m5)).intoArray(out, o + 3 * outStride);
    }
  }

  private static FloatVector splat(double value) {
    return FloatVector.broadcast(SPECIES, (float) value);
  }
}
