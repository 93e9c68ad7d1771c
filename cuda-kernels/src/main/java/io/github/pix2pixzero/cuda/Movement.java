package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.cuda.Arguments.Struct;
import io.github.pix2pixzero.tensor.backend.UpfirdnSpec;
import java.util.Arrays;

/** Rows of a table, nearest upsampling, and resampling by a filter. */
final class Movement {

  /** Rows a launch takes: they travel as arguments, so that a recorded graph holds them. */
  private static final int ROWS = 512;

  private final Device device;
  private final ElementType elements;
  private final String family;

  Movement(Device device, ElementType elements) {
    this.device = device;
    this.elements = elements;
    family = "movement_" + elements.suffix();
  }

  void gather(int[] rows, int width, long table, long out) {
    for (int from = 0; from < rows.length; from += ROWS) {
      int count = Math.min(ROWS, rows.length - from);
      int[] some = Arrays.copyOf(Arrays.copyOfRange(rows, from, from + count), ROWS);
      int size = count * width;
      device
          .launcher()
          .loop(
              family,
              "gather",
              size,
              new Arguments()
                  .add(size)
                  .add(Divisor.of(width))
                  .add(new Struct().addAll(some))
                  .add(table)
                  .add(out + (long) from * width * elements.bytes()));
    }
  }

  /** Of float32. */
  void scatterAdd(int[] rows, int width, long source, long target) {
    for (int from = 0; from < rows.length; from += ROWS) {
      int count = Math.min(ROWS, rows.length - from);
      int[] some = Arrays.copyOf(Arrays.copyOfRange(rows, from, from + count), ROWS);
      device
          .launcher()
          .loop(
              "movement_" + ElementType.FLOAT32.suffix(),
              "scatter_add",
              width,
              new Arguments()
                  .add(count)
                  .add(width)
                  .add(new Struct().addAll(some))
                  .add(source + (long) from * width * Float.BYTES)
                  .add(target));
    }
  }

  void upfirdn(UpfirdnSpec spec, long x, long filter, long out) {
    boolean packed = spec.channels() % elements.packed() == 0;
    int chunks = packed ? spec.channels() / elements.packed() : spec.channels();
    int size = spec.batch() * spec.outHeight() * spec.outWidth() * chunks;
    Struct struct =
        new Struct()
            .add(Divisor.of(chunks))
            .add(Divisor.of(spec.outWidth()))
            .add(Divisor.of(spec.outHeight()))
            .add(Divisor.of(spec.up()))
            .addAll(spec.height(), spec.width(), spec.filterHeight(), spec.filterWidth())
            .addAll(spec.down(), spec.padTop(), spec.padLeft(), spec.flipped() ? 1 : 0);
    device
        .launcher()
        .loop(
            family,
            packed ? "upfirdn_packed" : "upfirdn",
            size,
            new Arguments().add(size).add(struct).add(x).add(filter).add(out));
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
            family,
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
            family,
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
