package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.MAX_ROWS;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.WIDTH;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.IN;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.KERNEL;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.OUT;
import static io.github.pix2pixzero.tensor.internal.vector.WinogradTransforms.POSITIONS;

import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.internal.vector.Product.Result;
import io.github.pix2pixzero.tensor.internal.vector.Product.Turned;

/**
 * The gradient with respect to the weights by {@link WinogradTransforms}: {@link Winograd} turned
 * around, {@code Gᵀ [Σ (BᵀdB)ᵀ · (A g Aᵀ)] G} over the tiles.
 */
final class WinogradGradient {
  /** Fewer tiles do not make up for transforming the result. */
  private static final int LEAST_TILES = 12;

  /** Tiles that are transformed at a time. */
  private static final int CHUNK = 256;

  /** Rows of the products of a task, in tiles of {@link MicroKernel}, where there are enough. */
  private static final int TASK_ROWS = 4;

  /** Panels of the products of a task. */
  private static final int TASK_PANELS = 20;

  /** Tasks wanted where there are few rows. */
  private static final int TASKS = 8;

  private final Workers workers;
  private final Packing packing;

  WinogradGradient(Workers workers, Packing packing) {
    this.workers = workers;
    this.packing = packing;
  }

  /** Whether this way is open and faster. */
  static boolean pays(Conv2dSpec spec) {
    WinogradTiles tiles = WinogradTiles.of(spec);
    return tiles.fit() && spec.outChannels() % LANES == 0 && tiles.count() >= LEAST_TILES;
  }

  /** Writes the gradient, [kernel, kernel, input channels, output channels]. */
  void weightGradient(Conv2dSpec spec, float[] x, float[] gradOut, float[] gradWeight) {
    WinogradTiles tiles = WinogradTiles.of(spec);
    int chunks = Tasks.divideUp(tiles.count(), CHUNK);
    int first = 0;
    for (int i = 1; i <= chunks; i++) {
      int end = (int) ((long) tiles.count() * i / chunks);
      int count = end - first;
      int stride = Product.spread(count * spec.inChannels());
      int gradStride = Product.spread(count * spec.outChannels());
      try (Borrowed input = packing.array(POSITIONS * stride);
          Borrowed gradient = packing.array(POSITIONS * gradStride)) {
        tiles.transformInput(workers, x, first, count, input.array(), stride);
        transformGradient(tiles, gradOut, first, count, gradient.array(), gradStride);
        Factor left = new Factor(input.array(), stride, spec.inChannels());
        Factor right = new Factor(gradient.array(), gradStride, spec.outChannels());
        multiply(count, left, right, first > 0, gradWeight);
      }
      first = end;
    }
  }

  /**
   * The transformed tiles of one side of the products.
   *
   * @param array all positions, {@code stride} apart
   */
  private record Factor(float[] array, int stride, int channels) {}

  /** Writes A g Aᵀ of some tiles as {@link Panels}, those of a position {@code stride} apart. */
  private void transformGradient(
      WinogradTiles tiles, float[] gradOut, int first, int count, float[] target, int stride) {
    int channels = tiles.spec().outChannels();
    Panels panels = new Panels(target, 0, count, channels);
    workers.range(
        count,
        Tasks.grain((long) POSITIONS * channels * IN),
        (from, to) -> {
          float[] half = Scratch.get().floats(0, IN * OUT * channels);
          for (int tile = from; tile < to; tile++) {
            tiles.outputGradientHalf(first + tile, gradOut, half);
            for (int i = 0; i < IN; i++) {
              for (int panel = 0; panel < panels.count(); panel++) {
                int width = panels.width(panel);
                WinogradTransforms.outputGradientSide(
                    width,
                    half,
                    i * OUT * channels + panel * WIDTH,
                    channels,
                    target,
                    i * IN * stride + panels.panelStart(panel) + tile * width,
                    stride);
              }
            }
          }
        });
  }

  private void multiply(int count, Factor left, Factor right, boolean add, float[] gradWeight) {
    int panels = Panels.count(right.channels);
    int across = Tasks.divideUp(panels, TASK_PANELS);
    int rows = Tasks.divideUp(left.channels, MAX_ROWS);
    int wanted = Math.max(Tasks.divideUp(rows, TASK_ROWS), Tasks.divideUp(TASKS, across));
    Tasks tasks = new Tasks(left.channels, panels, left.channels, Math.min(rows, wanted), across);
    workers.run(
        tasks.count(),
        task -> {
          int row = tasks.firstRow(task);
          int column = tasks.firstPanel(task) * WIDTH;
          int height = tasks.endRow(task) - row;
          int width = Math.min(right.channels, tasks.endPanel(task) * WIDTH) - column;
          float[] products = products(count, left, row, height, right, column, width);
          transformProducts(height * width, products);
          for (int i = 0; i < KERNEL * KERNEL * height; i++) {
            int channel = i / height * left.channels + row + i % height;
            int to = channel * right.channels + column;
            if (add) {
              RowLoops.add(width, products, i * width, gradWeight, to, gradWeight, to);
            } else {
              System.arraycopy(products, i * width, gradWeight, to, width);
            }
          }
        });
  }

  /** The products of all positions, [position, height, width], in memory of this thread. */
  private static float[] products(
      int count, Factor left, int row, int height, Factor right, int column, int width) {
    Scratch scratch = Scratch.get();
    int size = height * width;
    float[] products = scratch.floats(2, POSITIONS * size);
    int[] starts = scratch.evenRows(0, count, left.channels);
    for (int position = 0; position < POSITIONS; position++) {
      Product.multiply(
          height,
          new Turned(left.array, position * left.stride + row, starts, count),
          new Panels(right.array, position * right.stride + column * count, count, width),
          0,
          Result.plain(products, position * size, width));
    }
    return products;
  }

  /** Replaces the products M of {@code size} elements a position by GᵀMG. */
  private static void transformProducts(int size, float[] products) {
    int line = IN * size;
    float[] half = Scratch.get().floats(0, KERNEL * line);
    WinogradTransforms.weightGradientSide(line, products, 0, line, half, 0, line);
    for (int y = 0; y < KERNEL; y++) {
      WinogradTransforms.weightGradientSide(
          size, half, y * line, size, products, y * KERNEL * size, size);
    }
  }
}
