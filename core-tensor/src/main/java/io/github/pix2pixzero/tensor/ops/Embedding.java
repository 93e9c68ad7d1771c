package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;

/** Rows of a table looked up by index. */
public final class Embedding {
  private Embedding() {}

  /**
   * @param table [entries, width], not tracked
   * @return [rows.length, width]
   * @throws IllegalArgumentException naming the first index that is not in the table
   */
  public static Tensor of(Tensor table, int... rows) {
    checkArgument(table.shape().rank() == 2, "a table has two axes, got %s", table.shape());
    checkArgument(!table.isTracked(), "looking up a tracked table is not differentiable");
    for (int row : rows) {
      checkArgument(
          row >= 0 && row < table.dim(0), "no row %s in a table of %s", row, table.shape());
    }
    Tensor out = Tensor.empty(table.backend(), Shape.of(rows.length, table.dim(1)));
    table.backend().gather(rows, table.dim(1), table.storage(), out.storage());
    return out;
  }
}
