package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.internal.cpu.Walk;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/**
 * Arithmetic with a row that repeats, such as a bias or the style of a picture. A short row is
 * written down several times first, so that the loops are long.
 */
final class RepeatedRows {
  private static final int SHORT = 256;

  private final Workers workers;

  RepeatedRows(Workers workers) {
    this.workers = workers;
  }

  /** The loop of a function, if this class has one. */
  static Optional<RowLoops.Two> loop(Binary f) {
    return Optional.ofNullable(
        switch (f) {
          case ADD -> RepeatedRows::add;
          case SUB -> RepeatedRows::subtract;
          case MUL -> RepeatedRows::multiply;
          case DIV -> RepeatedRows::divide;
          case MAX, MIN, EQUAL -> null;
        });
  }

  /**
   * Covers all elements.
   *
   * @param period elements of the row
   * @param walk of which the second array stands still along a run
   */
  void binary(RowLoops.Two loop, int period, Walk walk, float[] a, float[] b, float[] out) {
    int times = period < SHORT ? Tasks.divideUp(Tasks.divideUp(SHORT, period), LANES) * LANES : 1;
    walk.forEachRun(
        workers,
        (aStart, bStart, index, length) -> {
          int rows = Math.min(times * period, length);
          float[] repeated = Scratch.get().floats(0, rows);
          int phase = index % period;
          for (int i = 0; i < rows; i++) {
            repeated[i] = b[bStart + phase];
            phase = phase + 1 == period ? 0 : phase + 1;
          }
          for (int done = 0; done < length; done += rows) {
            int count = Math.min(rows, length - done);
            RowLoops.run(loop, count, a, aStart + done, repeated, 0, out, index + done);
          }
        });
  }

  private static void add(
      int length, float[] x, int xStart, float[] y, int yStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xStart + i)
          .add(FloatVector.fromArray(SPECIES, y, yStart + i))
          .intoArray(out, outStart + i);
    }
  }

  private static void subtract(
      int length, float[] x, int xStart, float[] y, int yStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xStart + i)
          .sub(FloatVector.fromArray(SPECIES, y, yStart + i))
          .intoArray(out, outStart + i);
    }
  }

  private static void multiply(
      int length, float[] x, int xStart, float[] y, int yStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xStart + i)
          .mul(FloatVector.fromArray(SPECIES, y, yStart + i))
          .intoArray(out, outStart + i);
    }
  }

  private static void divide(
      int length, float[] x, int xStart, float[] y, int yStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xStart + i)
          .div(FloatVector.fromArray(SPECIES, y, yStart + i))
          .intoArray(out, outStart + i);
    }
  }
}
