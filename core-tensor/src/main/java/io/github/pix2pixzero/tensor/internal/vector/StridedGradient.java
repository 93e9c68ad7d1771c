package io.github.pix2pixzero.tensor.internal.vector;

import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.internal.cpu.HostStorage;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Layout;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Use;
import io.github.pix2pixzero.tensor.internal.vector.Product.Left;
import io.github.pix2pixzero.tensor.internal.vector.Product.Result;
import java.util.Arrays;

/**
 * The gradient of a convolution with respect to its input, for any stride. Pixels that lie alike
 * between the windows, as every other one of a line does with a stride of 2, meet the same part of
 * the kernel: theirs is a convolution of the output's gradient with that part, turned around. So
 * nothing is multiplied in vain and every pixel is written once.
 *
 * <p>Such a kind of pixel is called a phase here; there are stride · stride.
 */
final class StridedGradient {
  /** Tasks wanted. */
  private static final int TASKS = 8;

  /** Pixels that are computed aside before they are brought to where they belong. */
  private static final int PIXELS = 96;

  private final Conv2dSpec spec;

  /** Of the output's gradient with its border. */
  private final Conv2dSpec bordered;

  StridedGradient(Conv2dSpec spec) {
    this.spec = spec;
    int before = taps(0) - 1;
    bordered =
        new Conv2dSpec(
            spec.batch(),
            spec.outHeight(),
            spec.outWidth(),
            spec.outChannels(),
            spec.inChannels(),
            1,
            1,
            before,
            before,
            beyond(spec.height() + spec.padTop(), spec.outHeight()),
            beyond(spec.width() + spec.padLeft(), spec.outWidth()));
  }

  /** Taps of the kernel along an axis for the pixels at a distance from a window's beginning. */
  private int taps(int distance) {
    return distance < spec.kernel() ? Tasks.divideUp(spec.kernel() - distance, spec.stride()) : 0;
  }

  /** Outputs that there would be if windows began at all pixels. */
  private int beyond(int size, int outputs) {
    return Math.max(0, (size - 1) / spec.stride() + 1 - outputs);
  }

  /** A convolution whose input, with the border that it has, is what {@link #convolve} reads. */
  Conv2dSpec bordered() {
    return bordered;
  }

  /** The panels of all phases, one after another. */
  Layout layout() {
    int taps = spec.kernel() * spec.kernel();
    return new Layout(Use.STRIDED_BACKWARD, 1, taps * spec.outChannels(), spec.inChannels());
  }

  /** Makes a panel of weights [kernel, kernel, in, out]. */
  void pack(HostStorage weight, Panels target, int panel) {
    int row = 0;
    for (int y = 0; y < spec.stride(); y++) {
      for (int x = 0; x < spec.stride(); x++) {
        for (int line = taps(y) - 1; line >= 0; line--) {
          for (int column = taps(x) - 1; column >= 0; column--) {
            int tap = (y + line * spec.stride()) * spec.kernel() + x + column * spec.stride();
            int source = tap * spec.inChannels() * spec.outChannels();
            int depth = spec.outChannels();
            Packing.pack(target, panel, row, depth, weight, source, 1, depth);
            row += depth;
          }
        }
      }
    }
  }

  /**
   * Computes the gradient.
   *
   * @param gradOut with its border
   */
  void convolve(Workers workers, float[] gradOut, Factors weight, float[] gradX) {
    int lines = spec.batch() * spec.height();
    int parts = Tasks.divideUp(TASKS, weight.count());
    long products = (long) spec.outPixels() * weight.depth() * MicroKernel.WIDTH;
    int some = Math.max(Tasks.divideUp(lines, parts), Tasks.grain(Math.max(1, products / lines)));
    int down = Tasks.divideUp(lines, some);
    workers.run(
        weight.count() * down,
        task -> {
          int panel = task / down;
          int first = task % down * some;
          Panels panels = weight.panels(0, panel, panel + 1);
          new Part(first, Math.min(lines, first + some), gradOut, panels, panel, gradX).compute();
        });
  }

  /** Some lines of the gradient, and as many of its channels as a panel has columns. */
  private final class Part {
    private final int first;
    private final int end;
    private final float[] gradOut;
    private final Panels panels;
    private final int panel;
    private final float[] gradX;
    private final Windows windows = Windows.of(bordered);

    /** Where the windows of some pixels begin, and where the pixels are. */
    private final int[] starts = Scratch.get().rows(0, PIXELS);

    private final int[] pixels = Scratch.get().rows(1, PIXELS);
    private final float[] block;

    Part(int first, int end, float[] gradOut, Panels panels, int panel, float[] gradX) {
      this.first = first;
      this.end = end;
      this.gradOut = gradOut;
      this.panels = panels;
      this.panel = panel;
      this.gradX = gradX;
      this.block = Scratch.get().floats(0, PIXELS * panels.width(panel));
    }

    void compute() {
      int depthFrom = 0;
      for (int y = 0; y < spec.stride(); y++) {
        for (int x = 0; x < spec.stride(); x++) {
          phase(y, x, depthFrom);
          depthFrom += taps(y) * taps(x) * spec.outChannels();
        }
      }
    }

    private void phase(int phaseY, int phaseX, int depthFrom) {
      int down = taps(phaseY);
      int across = taps(phaseX);
      int count = 0;
      for (int line = first; line < end; line++) {
        int y = line % spec.height() + spec.padTop();
        if (y % spec.stride() != phaseY) {
          continue;
        }
        int top = line / spec.height() * windows.height() + y / spec.stride();
        int row = (top + bordered.padTop() - (down - 1)) * windows.width();
        int x = Math.floorMod(phaseX - spec.padLeft(), spec.stride());
        for (; x < spec.width(); x += spec.stride()) {
          int left = (x + spec.padLeft()) / spec.stride() + bordered.padLeft() - (across - 1);
          starts[count] = (row + left) * spec.outChannels();
          pixels[count++] = (line * spec.width() + x) * spec.inChannels();
          if (count == PIXELS) {
            multiply(count, down, across, depthFrom);
            count = 0;
          }
        }
      }
      multiply(count, down, across, depthFrom);
    }

    private void multiply(int count, int down, int across, int depthFrom) {
      int width = panels.width(panel);
      int column = panel * MicroKernel.WIDTH;
      if (down == 0 || across == 0) { // no window meets these
        Arrays.fill(block, 0, count * width, 0f);
      } else {
        int depth = across * spec.outChannels();
        Left left = new Left(gradOut, 0, starts, down, windows.lineStride(), depth);
        Result result = Result.plain(block, -column, width);
        Product.multiply(count, left, panels, depthFrom, panel, panel + 1, result);
      }
      int valid = Math.min(width, spec.inChannels() - column);
      for (int i = 0; i < count; i++) {
        System.arraycopy(block, i * width, gradX, pixels[i] + column, valid);
      }
    }
  }
}
