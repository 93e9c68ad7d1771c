package io.github.pix2pixzero.tensor.internal.vector;

import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.internal.cpu.HostStorage;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Fill;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Layout;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Use;
import io.github.pix2pixzero.tensor.internal.vector.Product.Left;
import io.github.pix2pixzero.tensor.internal.vector.Product.Result;
import io.github.pix2pixzero.tensor.internal.vector.Product.Turned;
import java.util.Arrays;

/**
 * Convolutions as products of {@link Windows} and weights. The matrix of all windows is never made:
 * its rows are read from the picture in place. Where there are enough pixels, {@link Winograd} does
 * with fewer multiplications.
 */
final class ConvKernels {
  private static final int LINE_ELEMENTS = 8192;

  /** Pixels of a weight gradient that are summed before the next ones are looked at. */
  private static final int GRADIENT_DEPTH = 1024;

  private static final int GRADIENT_ROWS = 48;

  private final Workers workers;
  private final Packing packing;
  private final Winograd winograd;
  private final WinogradGradient winogradGradient;

  ConvKernels(Workers workers, Packing packing) {
    this.workers = workers;
    this.packing = packing;
    this.winograd = new Winograd(workers, packing);
    this.winogradGradient = new WinogradGradient(workers, packing);
  }

  void forward(Conv2dSpec spec, float[] x, HostStorage weight, float[] bias, float[] out) {
    int n = spec.outChannels();
    int depth = Windows.of(spec).depth();
    Fill fill = (target, factor, panel) -> Packing.pack(target, panel, 0, depth, weight, 0, n, 1);
    convolve(spec, x, weight, Use.MATRIX, Use.WINOGRAD, fill, bias, out);
  }

  /**
   * A convolution, in the way that is faster.
   *
   * @param direct what the weights are read as
   * @param transformed what they are read as by Winograd
   * @param fill makes the panels for the direct way
   */
  private void convolve(
      Conv2dSpec spec,
      float[] x,
      HostStorage weight,
      Use direct,
      Use transformed,
      Fill fill,
      float[] bias,
      float[] out) {
    Layout layout = new Layout(direct, 1, Windows.of(spec).depth(), spec.outChannels());
    if (!Winograd.pays(spec)) {
      try (Factors panels = packing.factors(weight, layout, fill);
          Borrowed padded = withBorder(spec, x)) {
        convolve(Windows.of(spec), spec.outPixels(), padded.array(), panels, bias, out);
      }
      return;
    }
    boolean transform = Winograd.hasFewTiles(spec) && packing.keepsLarger(weight);
    try (Factors panels =
        transform
            ? packing.factors(
                weight, Winograd.layout(spec, transformed), Winograd.transformed(layout, fill))
            : packing.factors(weight, layout, fill)) {
      winograd.convolve(spec, x, panels, transform, bias, out);
    }
  }

  /** The product of windows and panels. */
  private void convolve(
      Windows windows, int pixels, float[] padded, Factors weight, float[] bias, float[] out) {
    Tasks tasks = weight.tasks(1, pixels);
    workers.run(
        tasks.count(),
        task -> {
          int end = tasks.endRow(task);
          int panel = tasks.firstPanel(task);
          int endPanel = tasks.endPanel(task);
          Panels panels = weight.panels(0, panel, endPanel);
          for (int first = tasks.firstRow(task); first < end; first += tasks.block()) {
            int rows = Math.min(tasks.block(), end - first);
            convolve(windows, first, rows, padded, panels, panel, endPanel, bias, out);
          }
        });
  }

  /** Some pixels and some output channels of a convolution. */
  private static void convolve(
      Windows windows,
      int first,
      int rows,
      float[] padded,
      Panels weight,
      int panel,
      int endPanel,
      float[] bias,
      float[] out) {
    int n = weight.columns();
    int[] starts = Scratch.get().rows(0, rows);
    windows.starts(first, rows, starts);
    Left left =
        new Left(padded, 0, starts, windows.kernel(), windows.lineStride(), windows.lineSize());
    Result result = new Result(out, first * n, n, 1f, bias, false);
    Product.multiply(rows, left, weight, 0, panel, endPanel, result);
  }

  /** The pictures with their border; that is {@code x} itself if there is none. */
  private Borrowed withBorder(Conv2dSpec spec, float[] x) {
    if (spec.padTop() + spec.padLeft() + spec.padBottom() + spec.padRight() == 0) {
      return new Borrowed(x, () -> {});
    }
    Windows windows = Windows.of(spec);
    Borrowed padded = packing.array(Math.multiplyExact(spec.batch(), windows.pictureSize()));
    addBorder(spec, windows, x, padded.array());
    return padded;
  }

  private void addBorder(Conv2dSpec spec, Windows windows, float[] x, float[] padded) {
    int line = windows.lineStride();
    int left = spec.padLeft() * spec.inChannels();
    int inner = spec.width() * spec.inChannels();
    workers.range(
        spec.batch() * windows.height(),
        Math.max(1, LINE_ELEMENTS / line),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int y = i % windows.height() - spec.padTop();
            int at = i * line;
            if (y < 0 || y >= spec.height()) {
              Arrays.fill(padded, at, at + line, 0f);
            } else {
              int source = (i / windows.height() * spec.height() + y) * inner;
              Arrays.fill(padded, at, at + left, 0f);
              System.arraycopy(x, source, padded, at + left, inner);
              Arrays.fill(padded, at + left + inner, at + line, 0f);
            }
          }
        });
  }

  /** The gradient with respect to the input. */
  void inputGradient(Conv2dSpec spec, float[] gradOut, HostStorage weight, float[] gradX) {
    int widest =
        Math.max(
            Math.max(spec.padTop(), spec.padBottom()), Math.max(spec.padLeft(), spec.padRight()));
    if (spec.stride() == 1 && widest < spec.kernel()) {
      convolutionGradient(spec, gradOut, weight, gradX);
    } else {
      stridedGradient(spec, gradOut, weight, gradX);
    }
  }

  /**
   * With stride 1 the gradient is a convolution itself, with the weight turned around and
   * transposed.
   */
  private void convolutionGradient(
      Conv2dSpec spec, float[] gradOut, HostStorage weight, float[] gradX) {
    int border = spec.kernel() - 1;
    Conv2dSpec mirrored =
        new Conv2dSpec(
            spec.batch(),
            spec.outHeight(),
            spec.outWidth(),
            spec.outChannels(),
            spec.inChannels(),
            spec.kernel(),
            1,
            border - spec.padTop(),
            border - spec.padLeft(),
            border - spec.padBottom(),
            border - spec.padRight());
    Fill fill = (target, factor, panel) -> packMirrored(spec, weight, target, panel);
    convolve(
        mirrored,
        gradOut,
        weight,
        Use.CONVOLUTION_BACKWARD,
        Use.WINOGRAD_BACKWARD,
        fill,
        null,
        gradX);
  }

  private static void packMirrored(Conv2dSpec spec, HostStorage weight, Panels target, int panel) {
    int taps = spec.kernel() * spec.kernel();
    int outChannels = spec.outChannels();
    int tapSize = spec.inChannels() * outChannels;
    for (int tap = 0; tap < taps; tap++) {
      int source = (taps - 1 - tap) * tapSize;
      Packing.pack(target, panel, tap * outChannels, outChannels, weight, source, 1, outChannels);
    }
  }

  private void stridedGradient(
      Conv2dSpec spec, float[] gradOut, HostStorage weight, float[] gradX) {
    StridedGradient gradient = new StridedGradient(spec);
    try (Factors panels =
            packing.factors(
                weight,
                gradient.layout(),
                (target, factor, panel) -> gradient.pack(weight, target, panel));
        Borrowed padded = withBorder(gradient.bordered(), gradOut)) {
      gradient.convolve(workers, padded.array(), panels, gradX);
    }
  }

  /** The gradient with respect to the weight, in the way that is faster. */
  void weightGradient(Conv2dSpec spec, float[] x, float[] gradOut, float[] gradWeight) {
    if (WinogradGradient.pays(spec)) {
      winogradGradient.weightGradient(spec, x, gradOut, gradWeight);
    } else {
      directWeightGradient(spec, x, gradOut, gradWeight);
    }
  }

  /** Windows, transposed, times {@code gradOut}. */
  private void directWeightGradient(
      Conv2dSpec spec, float[] x, float[] gradOut, float[] gradWeight) {
    int n = spec.outChannels();
    Layout layout = new Layout(Use.MATRIX, 1, spec.outPixels(), n);
    try (Borrowed panels = packing.array(layout.size());
        Borrowed padded = withBorder(spec, x)) {
      packing.fill(
          layout,
          (target, factor, panel) -> target.pack(panel, gradOut, factor * layout.depth() * n, n, 1),
          panels.array());
      weightGradient(
          Windows.of(spec), padded.array(), layout.panels(panels.array(), 0), gradWeight);
    }
  }

  private void weightGradient(Windows windows, float[] padded, Panels gradOut, float[] gradWeight) {
    int n = gradOut.columns();
    int blocks = Tasks.divideUp(windows.lineSize(), GRADIENT_ROWS);
    workers.run(
        windows.kernel() * blocks,
        task -> {
          int line = task / blocks;
          int row = task % blocks * GRADIENT_ROWS;
          int rows = Math.min(GRADIENT_ROWS, windows.lineSize() - row);
          int source = line * windows.lineStride() + row;
          int target = (line * windows.lineSize() + row) * n;
          int[] starts = Scratch.get().rows(0, GRADIENT_DEPTH);
          for (int pixel = 0; pixel < gradOut.depth(); pixel += GRADIENT_DEPTH) {
            int depth = Math.min(GRADIENT_DEPTH, gradOut.depth() - pixel);
            windows.starts(pixel, depth, starts);
            Result result = new Result(gradWeight, target, n, 1f, null, pixel > 0);
            Turned left = new Turned(padded, source, starts, depth);
            Product.multiply(rows, left, gradOut, pixel, result);
          }
        });
  }
}
