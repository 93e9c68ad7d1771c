package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.cuda.Launcher.divideUp;

import io.github.pix2pixzero.cuda.Arguments.Struct;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * How a matrix product is cut into tiles, one block each, and its sums into parts where there are
 * too few tiles to keep the device busy. It depends on the extents and the device alone.
 */
final class Tiling {
  /** Depths that a part is worth its launch for. */
  private static final int LEAST_DEPTH = 256;

  private static final int MOST_SPLITS = 32;

  /** Elements of the parts that are given room at most. */
  private static final long MOST_PARTS = 1L << 26;

  /**
   * What beginning and ending a tile takes, as so many depths; and what writing and reading an
   * element of a part takes, as so many products. Estimates.
   */
  private static final int TILE_OVERHEAD = 64;

  private static final int PART_OVERHEAD = 400;

  private final Precision precision;
  private final int multiprocessors;
  private final Predicate<Tile> usable;

  /**
   * @param groups whether there are the kernels in which groups of warps multiply ({@code
   *     warpgroup.cuh}); asked for when they come into question
   */
  Tiling(Precision precision, int multiprocessors, BooleanSupplier groups) {
    this(precision, multiprocessors, tile -> !tile.grouped() || groups.getAsBoolean());
  }

  private Tiling(Precision precision, int multiprocessors, Predicate<Tile> usable) {
    this.precision = precision;
    this.multiprocessors = multiprocessors;
    this.usable = usable;
  }

  /** With tiles of that name where kernels have them, to test those. */
  static Tiling preferring(Precision precision, int multiprocessors, String name) {
    return new Tiling(precision, multiprocessors, tile -> tile.name.equals(name));
  }

  /**
   * A size of tile, as the {@code .cu} files instantiate them.
   *
   * @param speed of a multiprocessor that multiplies such tiles, relative to the largest: an
   *     estimate, from how often each loaded element is used
   */
  private record Tile(String name, int rows, int columns, int depth, int threads, double speed) {
    static List<Tile> all(Precision precision) {
      return switch (precision) {
        case FLOAT32 ->
            List.of(new Tile("large", 128, 128, 8, 256, 1), new Tile("small", 32, 32, 16, 64, 0.5));
        case TF32 ->
            List.of(
                new Tile("large", 128, 128, 16, 256, 1), new Tile("small", 64, 64, 16, 128, 0.7));
        case FLOAT16, BFLOAT16 ->
            List.of(
                new Tile("large", 128, 128, 32, 128, 1),
                new Tile("medium", 128, 64, 32, 128, 0.85),
                new Tile("small", 64, 64, 32, 128, 0.7),
                new Tile("group_large", 128, 256, 64, 256, 1.6),
                new Tile("group_medium", 128, 160, 64, 256, 1.5),
                new Tile("group_small", 64, 160, 64, 128, 1.3),
                // Slower by estimate until a GPU has said otherwise: nobody chooses them.
                new Tile("bulk_large", 128, 256, 64, 256, 1.1),
                new Tile("bulk_medium", 128, 160, 64, 256, 1),
                new Tile("bulk_small", 64, 160, 64, 128, 0.8));
      };
    }

    /** Whether four warps multiply together, as compute capability 9.0 does. */
    boolean grouped() {
      return bulk() || name.startsWith("group_");
    }

    /** Whether the hardware copies B, in boxes. */
    boolean bulk() {
      return name.startsWith("bulk_");
    }

    /** Bytes of shared memory that a launch has to give: four stages of 16-bit elements. */
    int shared() {
      int stages = grouped() ? 4 * (rows + columns) * depth * Short.BYTES : 0;
      return bulk() ? stages + 1024 : stages; // barriers, and what they are aligned to
    }

    long tiles(int products, int m, int n) {
      return (long) products * divideUp(m, rows) * divideUp(n, columns);
    }
  }

  /** How factors lie in memory: not every tile serves all. */
  enum Layout {
    /** Anyhow. */
    LOOSE,
    /** Every chunk of 8 elements is there, at a multiple of 16 bytes, or not at all. */
    WHOLE,
    /** So it is, and B is a matrix as it is written, which can come in boxes. */
    BOXES;

    private boolean suits(Tile tile) {
      return tile.bulk() ? this == BOXES : this != LOOSE || !tile.grouped();
    }
  }

  /** The cut that is estimated to take the least time. */
  Plan plan(Layout layout, int products, int m, int n, int k) {
    long outputs = Math.max(1, (long) products * m * n);
    return plan(layout, products, m, n, k, Math.min(MOST_PARTS / outputs, (long) k / LEAST_DEPTH));
  }

  /** The same without parts of sums. */
  Plan unsplit(Layout layout, int m, int n, int k) {
    return plan(layout, 1, m, n, k, 1);
  }

  private Plan plan(Layout layout, int products, int m, int n, int k, long mostSplits) {
    Plan best = null;
    double least = Double.POSITIVE_INFINITY;
    long outputs = Math.max(1, (long) products * m * n);
    long most = Math.min(MOST_SPLITS, mostSplits);
    List<Tile> all = Tile.all(precision).stream().filter(layout::suits).toList();
    List<Tile> some = all.stream().filter(usable).toList();
    for (Tile tile : some.isEmpty() ? all : some) {
      for (int splits = 1; splits == 1 || splits <= most; splits *= 2) {
        int depth = divideUp(divideUp(k, splits), tile.depth) * tile.depth;
        Plan plan = new Plan(precision, tile, products, m, n, divideUp(k, depth), depth);
        double waves = Math.ceil((double) plan.blocks() / multiprocessors);
        double ofTile = (double) tile.rows * tile.columns * (depth + TILE_OVERHEAD);
        double parts = plan.splits == 1 ? 0 : (double) PART_OVERHEAD * plan.splits * outputs;
        double time = waves * ofTile / tile.speed + parts / multiprocessors;
        if (time < least) {
          least = time;
          best = plan;
        }
      }
    }
    return best;
  }

  /** The cut of one batch of products. */
  static final class Plan {
    private final Precision precision;
    private final Tile tile;
    private final int products;
    private final int m;
    private final int n;
    private final int splits;
    private final int depth;

    private Plan(
        Precision precision, Tile tile, int products, int m, int n, int splits, int depth) {
      this.precision = precision;
      this.tile = tile;
      this.products = products;
      this.m = m;
      this.n = n;
      this.splits = splits;
      this.depth = depth;
    }

    /** Rows of a product. */
    int m() {
      return m;
    }

    /** Columns of a product. */
    int n() {
      return n;
    }

    /** How the kernel's name ends. */
    String kernel() {
      return tile.name;
    }

    /** Adds B as the kernel takes it, a row-major matrix. */
    void addB(Arguments arguments, long address, int columns, int lines) {
      if (tile.bulk()) {
        arguments.add(TensorMap.of(precision, address, columns, lines));
      } else {
        arguments.add(address);
      }
    }

    /** How the name of its source file ends. */
    String family() {
      return precision.suffix();
    }

    int threads() {
      return tile.threads;
    }

    /** Bytes of shared memory beside what the kernel declares. */
    int shared() {
      return tile.shared();
    }

    int blocks() {
      return Math.toIntExact(tile.tiles(products, m, n) * splits);
    }

    /** The member {@code grid} of the kernels' parameters. */
    Struct grid() {
      return new Struct()
          .add(Divisor.of(divideUp(m, tile.rows)))
          .add(Divisor.of(divideUp(n, tile.columns)))
          .add(Divisor.of(splits))
          .add(depth);
    }

    /** Room for the parts of the sums, or null where they are whole. */
    Workspace parts(Device device) {
      return splits == 1 ? null : new Workspace(device, products * splits * m * n);
    }

    /** Adds up the parts. */
    void sum(
        Device device,
        int inner,
        int outerOut,
        int innerOut,
        int stride,
        float alpha,
        long bias,
        long addend,
        long scales,
        long parts,
        long out) {
      int size = products * m * n;
      device
          .launcher()
          .loop(
              "reduction_" + precision.elements().suffix(),
              "sum_splits",
              size,
              new Arguments()
                  .add(size)
                  .add(splits)
                  .add(Divisor.of(m * n))
                  .add(Divisor.of(n))
                  .add(Divisor.of(inner))
                  .add(outerOut)
                  .add(innerOut)
                  .add(stride)
                  .add(alpha)
                  .add(bias)
                  .add(addend)
                  .add(scales)
                  .add(parts)
                  .add(out));
    }
  }
}
