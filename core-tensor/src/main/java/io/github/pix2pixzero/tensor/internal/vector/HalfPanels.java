package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.WIDTH;

import io.github.pix2pixzero.tensor.internal.cpu.Halves;
import io.github.pix2pixzero.tensor.io.StoredType;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Fills {@link Panels} from {@link Halves}. All halves come out exactly, NaNs bit by bit. */
final class HalfPanels {
  /** Rows of a panel that are turned at a time. */
  static final int TURNED_DEPTH = 64;

  /** Rows of a matrix that are fetched into the cache at a time. */
  private static final int TOUCHED_ROWS = 64;

  /** Distance of columns before they are turned; they do not meet in one set of the cache. */
  static final int TURNED_STRIDE = Product.spread(TURNED_DEPTH);

  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  /** As many shorts as there are floats in a vector. */
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(SPECIES.vectorBitSize() / 2));

  private static final int SIGN = 0x80000000;
  private static final int INFINITY = 0x7f800000;

  /** Between the exponents of half and single precision, whose biases are 15 and 127. */
  private static final int REBIAS = 127 - 15 << 23;

  /** The largest finite half as single precision. */
  private static final int LARGEST = Float.floatToRawIntBits(65504f) | 0x1fff;

  private static final FloatVector TWO = FloatVector.broadcast(SPECIES, 2f);
  private static final FloatVector MINUS_LEAST_NORMAL = FloatVector.broadcast(SPECIES, -0x1p-14f);

  private HalfPanels() {}

  /** As {@link Panels#pack(int, int, int, float[], int, int, int)}; one of the strides is 1. */
  static void pack(
      Panels panels,
      int panel,
      int first,
      int rows,
      Halves source,
      int from,
      int depthStride,
      int columnStride) {
    int width = panels.width(panel);
    int column = panel * WIDTH;
    int valid = Math.min(width, panels.columns() - column);
    int to = panels.panelStart(panel) + first * width;
    int begin = from + column * columnStride;
    if (columnStride == 1) {
      copy(valid, rows, source, begin, depthStride, panels.array(), to, width);
    } else {
      turn(valid, rows, source, begin, columnStride, panels.array(), to, width);
    }
  }

  private static void copy(
      int valid,
      int rows,
      Halves source,
      int begin,
      int depthStride,
      float[] target,
      int to,
      int width) {
    boolean ieee = source.type() == StoredType.F16;
    int whole = valid - valid % LANES;
    Scratch scratch = Scratch.get();
    for (int k = 0; k < rows; k += TOUCHED_ROWS) {
      int count = Math.min(TOUCHED_ROWS, rows - k);
      int from = begin + k * depthStride;
      int at = to + k * width;
      scratch.touched = touch(count, source.bits(), from, depthStride, valid - 1);
      if (ieee) {
        copyHalves(whole, count, source.bits(), from, depthStride, target, at, width);
      } else {
        copyBfloats(whole, count, source.bits(), from, depthStride, target, at, width);
      }
    }
    if (valid < width) {
      for (int k = 0; k < rows; k++) {
        int at = to + k * width;
        source.copy(begin + k * depthStride + whole, target, at + whole, valid - whole);
        Arrays.fill(target, at + valid, at + width, 0f);
      }
    }
  }

  /**
   * Reads both ends of every row. Rows of a large matrix lie in different pages; so short a loop
   * waits for many of them at once, while that which converts waits for each, which takes longer
   * than converting.
   */
  private static int touch(int rows, short[] source, int begin, int stride, int last) {
    int sum = 0;
    for (int k = 0; k < rows; k++) {
      int at = begin + k * stride;
      sum += source[at] ^ source[at + last];
    }
    return sum;
  }

  private static void copyHalves(
      int columns,
      int rows,
      short[] source,
      int begin,
      int depthStride,
      float[] target,
      int to,
      int width) {
    for (int k = 0; k < rows; k++) {
      int from = begin + k * depthStride;
      int at = to + k * width;
      for (int j = 0; j < columns; j += LANES) {
        floats(load(source, from + j)).intoArray(target, at + j);
      }
    }
  }

  private static void copyBfloats(
      int columns,
      int rows,
      short[] source,
      int begin,
      int depthStride,
      float[] target,
      int to,
      int width) {
    for (int k = 0; k < rows; k++) {
      int from = begin + k * depthStride;
      int at = to + k * width;
      for (int j = 0; j < columns; j += LANES) {
        load(source, from + j)
            .lanewise(VectorOperators.LSHL, 16)
            .reinterpretAsFloats()
            .intoArray(target, at + j);
      }
    }
  }

  /**
   * Fills rows from columns that are contiguous. Column j and column j + {@link MicroKernel#LANES}
   * are turned together, as the lower and the upper half of an int.
   */
  private static void turn(
      int valid,
      int rows,
      Halves source,
      int begin,
      int columnStride,
      float[] target,
      int to,
      int width) {
    boolean ieee = source.type() == StoredType.F16;
    Scratch scratch = Scratch.get();
    int[] pairs = scratch.pairs;
    int[] turned = scratch.turned;
    for (int k = 0; k < rows; k += TURNED_DEPTH) {
      int depth = Math.min(TURNED_DEPTH, rows - k);
      for (int j = 0; j < LANES; j++) {
        int low = begin + j * columnStride + k;
        if (j + LANES < valid) {
          pair(depth, source.bits(), low, low + LANES * columnStride, pairs, j * TURNED_STRIDE);
        } else if (j < valid) {
          single(depth, source.bits(), low, pairs, j * TURNED_STRIDE);
        } else {
          Arrays.fill(pairs, j * TURNED_STRIDE, j * TURNED_STRIDE + depth, 0);
        }
      }
      turn(depth, pairs, turned);
      if (ieee) {
        splitHalves(depth, turned, target, to + k * width, width);
      } else {
        splitBfloats(depth, turned, target, to + k * width, width);
      }
    }
  }

  private static void pair(int depth, short[] source, int low, int high, int[] pairs, int to) {
    int k = 0;
    for (; k + LANES <= depth; k += LANES) {
      IntVector lower = load(source, low + k).and(0xffff);
      IntVector upper = load(source, high + k).lanewise(VectorOperators.LSHL, 16);
      lower.or(upper).intoArray(pairs, to + k);
    }
    for (; k < depth; k++) {
      pairs[to + k] = source[low + k] & 0xffff | source[high + k] << 16;
    }
  }

  private static void single(int depth, short[] source, int from, int[] pairs, int to) {
    for (int k = 0; k < depth; k++) {
      pairs[to + k] = source[from + k] & 0xffff;
    }
  }

  private static void turn(int depth, int[] pairs, int[] turned) {
    for (int j = 0; j < LANES; j++) {
      int from = j * TURNED_STRIDE;
      for (int k = 0; k < depth; k++) {
        turned[k * LANES + j] = pairs[from + k];
      }
    }
  }

  private static void splitHalves(int depth, int[] turned, float[] target, int to, int width) {
    for (int k = 0; k < depth; k++) {
      IntVector pairs = IntVector.fromArray(INTS, turned, k * LANES);
      IntVector lower = pairs.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
      floats(lower).intoArray(target, to + k * width);
      if (width > LANES) {
        floats(pairs.lanewise(VectorOperators.ASHR, 16)).intoArray(target, to + k * width + LANES);
      }
    }
  }

  private static void splitBfloats(int depth, int[] turned, float[] target, int to, int width) {
    for (int k = 0; k < depth; k++) {
      IntVector pairs = IntVector.fromArray(INTS, turned, k * LANES);
      pairs
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .intoArray(target, to + k * width);
      if (width > LANES) {
        pairs.and(0xffff0000).reinterpretAsFloats().intoArray(target, to + k * width + LANES);
      }
    }
  }

  private static IntVector load(short[] source, int from) {
    return (IntVector)
        ShortVector.fromArray(SHORTS, source, from).convertShape(VectorOperators.S2I, INTS, 0);
  }

  /**
   * IEEE 754 halves, given with their sign extended. Moved to where single precision has exponent
   * and fraction, normal numbers are right. Below the least normal one, 2^-14, the line v is to be
   * replaced by 2v - 2^-14, which is the lesser of the two just there; and positive floats compare
   * as integers do. No subnormal float occurs, for which some processors take a hundred cycles.
   */
  private static FloatVector floats(IntVector halves) {
    IntVector moved = halves.and(0x7fff).lanewise(VectorOperators.LSHL, 13).add(REBIAS);
    IntVector steeper =
        moved.reinterpretAsFloats().fma(TWO, MINUS_LEAST_NORMAL).reinterpretAsInts();
    IntVector special =
        IntVector.broadcast(INTS, LARGEST)
            .sub(moved)
            .lanewise(VectorOperators.ASHR, 31)
            .and(INFINITY);
    return moved.min(steeper).or(special).or(halves.and(SIGN)).reinterpretAsFloats();
  }
}
