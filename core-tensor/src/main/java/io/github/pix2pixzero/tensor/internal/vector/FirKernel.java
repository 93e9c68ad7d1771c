package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.backend.UpfirdnSpec;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Upsampling, filtering and downsampling. The lines that a task needs are copied with all their
 * zeros, between the pixels and around them. Then an output line is the sum of as many runs as the
 * filter has taps, each contiguous whatever the number of channels, and is written once.
 */
final class FirKernel {
  private static final int TASK_PRODUCTS = 1 << 18;

  private final Workers workers;

  FirKernel(Workers workers) {
    this.workers = workers;
  }

  void upfirdn(UpfirdnSpec spec, float[] x, float[] filter, float[] out) {
    int products = spec.filterHeight() * spec.filterWidth() * spec.outWidth() * spec.channels();
    workers.range(
        spec.batch() * spec.outHeight(),
        Math.max(1, TASK_PRODUCTS / products),
        (from, to) -> {
          Call call = new Call(spec, x, filter, out);
          int end;
          for (int line = from; line < to; line = end) {
            end = Math.min(to, (line / spec.outHeight() + 1) * spec.outHeight());
            call.lines(line, end);
          }
        });
  }

  /** One task. */
  private static final class Call {
    private final UpfirdnSpec spec;
    private final int channels;
    private final float[] x;
    private final float[] filter;
    private final float[] out;

    /** Floats of a line with its zeros. */
    private final int width;

    /** The runs of an output line: where they begin and what they are multiplied by. */
    private final int[] starts;

    private final float[] weights;
    private int count;

    Call(UpfirdnSpec spec, float[] x, float[] filter, float[] out) {
      this.spec = spec;
      this.channels = spec.channels();
      this.x = x;
      this.filter = filter;
      this.out = out;
      this.width = ((spec.outWidth() - 1) * spec.down() + spec.filterWidth()) * channels;
      this.starts = new int[spec.filterHeight() * spec.filterWidth()];
      this.weights = new float[starts.length];
    }

    /** Output lines of one picture, given by their indices in all pictures. */
    void lines(int from, int end) {
      int picture = from / spec.outHeight();
      int top = from % spec.outHeight() * spec.down() - spec.padTop();
      int needed = (end - 1 - from) * spec.down() + spec.filterHeight();
      float[] lines = Scratch.get().floats(0, needed * width);
      for (int i = 0; i < needed; i++) {
        if (isPicture(top + i)) {
          copy(picture * spec.height() + (top + i) / spec.up(), lines, i * width);
        }
      }
      for (int line = from; line < end; line++) {
        findRuns(top, (line - from) * spec.down());
        sum(lines, line * spec.outWidth() * channels);
      }
    }

    /** Whether a line after upsampling is one of the picture's, not of zeros. */
    private boolean isPicture(int line) {
      return line >= 0 && line % spec.up() == 0 && line / spec.up() < spec.height();
    }

    private void copy(int line, float[] lines, int to) {
      int up = spec.up();
      int first = Math.max(0, Tasks.divideUp(-spec.padLeft(), up));
      int last = Math.floorDiv(width / channels - 1 - spec.padLeft(), up);
      int end = Math.min(spec.width(), last + 1);
      int source = line * spec.width() * channels;
      Arrays.fill(lines, to, to + width, 0f);
      if (up == 1 && first < end) {
        int target = to + (first + spec.padLeft()) * channels;
        System.arraycopy(x, source + first * channels, lines, target, (end - first) * channels);
        return;
      }
      for (int pixel = first; pixel < end; pixel++) {
        int target = to + (pixel * up + spec.padLeft()) * channels;
        for (int c = 0; c < channels; c++) {
          lines[target + c] = x[source + pixel * channels + c];
        }
      }
    }

    /** Finds the taps that do not meet a line of zeros alone. */
    private void findRuns(int top, int first) {
      count = 0;
      for (int tap = 0; tap < weights.length; tap++) {
        int line = first + tap / spec.filterWidth();
        if (isPicture(top + line)) {
          weights[count] = filter[spec.flipped() ? weights.length - 1 - tap : tap];
          starts[count++] = line * width + tap % spec.filterWidth() * channels;
        }
      }
    }

    private void sum(float[] lines, int to) {
      if (spec.down() == 1) {
        sum(spec.outWidth() * channels, lines, 0, to);
        return;
      }
      for (int pixel = 0; pixel < spec.outWidth(); pixel++) {
        sum(channels, lines, pixel * spec.down() * channels, to + pixel * channels);
      }
    }

    /** Sums the runs from {@code from} on. */
    private void sum(int length, float[] lines, int from, int to) {
      int i = 0;
      for (; i + 4 * LANES <= length; i += 4 * LANES) {
        four(lines, from + i, to + i);
      }
      for (; i + LANES <= length; i += LANES) {
        one(lines, from + i, to + i);
      }
      if (i < length && length >= LANES) {
        one(lines, from + length - LANES, to + length - LANES); // some for the second time
        return;
      }
      for (; i < length; i++) {
        float sum = 0;
        for (int run = 0; run < count; run++) {
          sum += weights[run] * lines[starts[run] + from + i];
        }
        out[to + i] = sum;
      }
    }

    private void four(float[] lines, int from, int to) {
      FloatVector a = FloatVector.zero(SPECIES);
      FloatVector b = FloatVector.zero(SPECIES);
      FloatVector c = FloatVector.zero(SPECIES);
      FloatVector d = FloatVector.zero(SPECIES);
      for (int run = 0; run < count; run++) {
        int at = starts[run] + from;
        FloatVector weight = FloatVector.broadcast(SPECIES, weights[run]);
        a = FloatVector.fromArray(SPECIES, lines, at).fma(weight, a);
        b = FloatVector.fromArray(SPECIES, lines, at + LANES).fma(weight, b);
        c = FloatVector.fromArray(SPECIES, lines, at + 2 * LANES).fma(weight, c);
        d = FloatVector.fromArray(SPECIES, lines, at + 3 * LANES).fma(weight, d);
      }
      a.intoArray(out, to);
      b.intoArray(out, to + LANES);
      c.intoArray(out, to + 2 * LANES);
      d.intoArray(out, to + 3 * LANES);
    }

    private void one(float[] lines, int from, int to) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int run = 0; run < count; run++) {
        FloatVector weight = FloatVector.broadcast(SPECIES, weights[run]);
        sum = FloatVector.fromArray(SPECIES, lines, starts[run] + from).fma(weight, sum);
      }
      sum.intoArray(out, to);
    }
  }
}
