package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import java.util.stream.IntStream;

/**
 * Cross-entropy between logits and labels, the mean over the rows whose label counts:
 *
 * <pre>{@code loss = -(1 - ε) · mean log p[label] - ε · mean over all classes of log p}</pre>
 *
 * with p the softmax of a row and ε the label smoothing (Szegedy et al., 2016). Agrees with
 * PyTorch's {@code cross_entropy}.
 */
public final class CrossEntropy {
  /** The label that PyTorch ignores by default. */
  public static final int IGNORED = -100;

  private CrossEntropy() {}

  /** Without smoothing; labels of {@link #IGNORED} do not count. */
  public static Tensor of(Tensor logits, int... labels) {
    return of(logits, labels, IGNORED, 0f);
  }

  /**
   * @param logits [rows, classes]
   * @param labels one a row
   * @param ignored the label of rows that do not count
   * @param smoothing ε, from 0 to 1
   * @return a scalar
   * @throws IllegalArgumentException if a label is no class, or if no row counts
   */
  public static Tensor of(Tensor logits, int[] labels, int ignored, float smoothing) {
    checkArgument(
        logits.shape().rank() == 2 && logits.dim(0) == labels.length,
        "%s labels do not go with logits %s",
        labels.length,
        logits.shape());
    checkArgument(smoothing >= 0 && smoothing <= 1, "a label smoothing of %s", smoothing);
    int classes = logits.dim(1);
    int[] rows = IntStream.range(0, labels.length).filter(i -> labels[i] != ignored).toArray();
    checkArgument(rows.length > 0, "none of the %s labels counts", labels.length);
    int[] cells = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      int label = labels[rows[i]];
      checkArgument(
          label >= 0 && label < classes, "label %s is none of %s classes", label, classes);
      cells[i] = i * classes + label;
    }
    Tensor counting = rows.length == labels.length ? logits : Gather.of(logits, 0, rows);
    Tensor logProbs = counting.logSoftmax();
    Tensor loss = Gather.of(logProbs.reshape(-1), 0, cells).mean().mul(smoothing - 1);
    return smoothing == 0 ? loss : loss.add(logProbs.mean().mul(-smoothing));
  }
}
