package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;

/** Rows of a table looked up by index. The gradients of a row that is used often add up. */
public final class Embedding {
  private Embedding() {}

  /**
   * @param table [entries, width]
   * @return [rows.length, width]
   * @throws IllegalArgumentException naming the first index that is not in the table
   */
  public static Tensor of(Tensor table, int... rows) {
    checkArgument(table.shape().rank() == 2, "a table has two axes, got %s", table.shape());
    return Gather.of(table, 0, rows);
  }
}
