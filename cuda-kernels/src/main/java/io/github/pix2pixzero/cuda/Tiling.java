package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.cuda.Launcher.divideUp;

import io.github.pix2pixzero.cuda.Arguments.Struct;

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

  private final Precision precision;
  private final int multiprocessors;

  Tiling(Precision precision, int multiprocessors) {
    this.precision = precision;
    this.multiprocessors = multiprocessors;
  }

  /** A size of tile, as the {@code .cu} files instantiate them. */
  private record Tile(String name, int side, int depth, int threads) {
    static Tile large(Precision precision) {
      return new Tile("large", 128, depth(precision, 8), 256);
    }

    static Tile small(Precision precision) {
      return precision == Precision.FLOAT32
          ? new Tile("small", 32, 16, 64)
          : new Tile("small", 64, depth(precision, 16), 128);
    }

    private static int depth(Precision precision, int float32) {
      return switch (precision) {
        case FLOAT32 -> float32;
        case TF32 -> 16;
        case FLOAT16, BFLOAT16 -> 32;
      };
    }

    long tiles(int products, int m, int n) {
      return (long) products * divideUp(m, side) * divideUp(n, side);
    }
  }

  Plan plan(int products, int m, int n, int k) {
    Tile large = Tile.large(precision);
    Tile small = Tile.small(precision);
    boolean fills = large.tiles(products, m, n) * divideUp(k, LEAST_DEPTH) >= multiprocessors;
    Tile tile = m > large.side / 2 && n > large.side / 2 && fills ? large : small;
    long tiles = tile.tiles(products, m, n);
    int splits = 1;
    if (tiles < multiprocessors) {
      long wanted = Math.min(2L * multiprocessors / tiles, MOST_SPLITS);
      long affordable = MOST_PARTS / Math.max(1, (long) products * m * n);
      splits = (int) Math.max(1, Math.min(Math.min(wanted, affordable), k / LEAST_DEPTH));
    }
    int depth = divideUp(divideUp(k, splits), tile.depth) * tile.depth;
    return new Plan(precision, tile, products, m, n, divideUp(k, depth), depth);
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

    private Plan(Precision precision, Tile tile, int products, int m, int n, int splits, int depth) {
      this.precision = precision;
      this.tile = tile;
      this.products = products;
      this.m = m;
      this.n = n;
      this.splits = splits;
      this.depth = depth;
    }

    /** How the kernel's name ends. */
    String kernel() {
      return precision.suffix() + "_" + tile.name;
    }

    /** How the name of its source file ends. */
    String family() {
      return precision.suffix();
    }

    int threads() {
      return tile.threads;
    }

    int blocks() {
      return Math.toIntExact(tile.tiles(products, m, n) * splits);
    }

    /** The member {@code grid} of the kernels' parameters. */
    Struct grid() {
      return new Struct()
          .add(Divisor.of(divideUp(m, tile.side)))
          .add(Divisor.of(divideUp(n, tile.side)))
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
        long parts,
        long out) {
      int size = products * m * n;
      device
          .launcher()
          .loop(
              "reduction",
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
                  .add(parts)
                  .add(out));
    }
  }
}
