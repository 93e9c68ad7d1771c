package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.cuda.Arguments.Struct;
import java.util.Arrays;

/** Rows of a table, and nearest upsampling. */
final class Movement {
  private static final String FAMILY = "movement";

  /** Rows a launch takes: they travel as arguments, so that a recorded graph holds them. */
  private static final int ROWS = 512;

  private final Device device;

  Movement(Device device) {
    this.device = device;
  }

  void gather(int[] rows, int width, long table, long out) {
    for (int from = 0; from < rows.length; from += ROWS) {
      int count = Math.min(ROWS, rows.length - from);
      int[] some = Arrays.copyOf(Arrays.copyOfRange(rows, from, from + count), ROWS);
      int size = count * width;
      device
          .launcher()
          .loop(
              FAMILY,
              "gather",
              size,
              new Arguments()
                  .add(size)
                  .add(Divisor.of(width))
                  .add(new Struct().addAll(some))
                  .add(table)
                  .add(out + (long) from * width * Float.BYTES));
    }
  }

  void upsampleNearest(
      int batch, int height, int width, int channels, int factor, long x, long out) {
    int size = batch * height * factor * width * factor * channels;
    Struct enlargement =
        new Struct()
            .add(Divisor.of(channels))
            .add(Divisor.of(width * factor))
            .add(Divisor.of(height * factor))
            .add(Divisor.of(factor));
    device
        .launcher()
        .loop(
            FAMILY,
            "upsample_nearest",
            size,
            new Arguments().add(size).add(enlargement).add(x).add(out));
  }

  void upsampleNearestBackward(
      int batch, int height, int width, int channels, int factor, long gradOut, long gradX) {
    int size = batch * height * width * channels;
    device
        .launcher()
        .loop(
            FAMILY,
            "upsample_nearest_backward",
            size,
            new Arguments()
                .add(size)
                .add(Divisor.of(channels))
                .add(Divisor.of(width))
                .add(factor)
                .add(gradOut)
                .add(gradX));
  }
}
