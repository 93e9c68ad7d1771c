package io.github.pix2pixzero.tensor.nn;

import com.google.common.primitives.Floats;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The positions that a vision transformer was trained with (Dosovitskiy et al., 2020): an embedding
 * for the picture as a whole, and one for every patch of a square. For pictures of other sizes the
 * patches' are stretched by PyTorch's bicubic; a table that was stretched once is kept.
 */
public final class PositionTable {
  private final Backend backend;
  private final Tensor trained;
  private final int grid;
  private final ConcurrentMap<Size, Tensor> stretched = new ConcurrentHashMap<>();

  private record Size(int rows, int columns, double rowFactor, double columnFactor) {}

  /**
   * Binds a table.
   *
   * @param weights what {@code name} is below
   * @param grid patches along a side of the square
   * @param width of an embedding
   * @throws IllegalArgumentException if the tensor is missing or not [1, 1 + grid², width]
   */
  public static PositionTable load(Weights weights, String name, int grid, int width) {
    Tensor trained = weights.tensor(name, 1, 1 + grid * grid, width);
    return new PositionTable(weights.backend(), trained, grid);
  }

  private PositionTable(Backend backend, Tensor trained, int grid) {
    this.backend = backend;
    this.trained = trained;
    this.grid = grid;
  }

  /** As it was trained, [1, 1 + grid², width]. */
  public Tensor trained() {
    return trained;
  }

  /**
   * The table for so many rows and columns of patches, {@linkplain #trained() as it was trained} if
   * they are as many.
   *
   * @return [1, 1 + rows · columns, width]
   */
  public Tensor of(int rows, int columns) {
    return rows == grid && columns == grid
        ? trained
        : stretched(rows, columns, (double) rows / grid, (double) columns / grid);
  }

  /**
   * A table stretched by factors that need not be the right ones, as some published code does.
   *
   * @param rowFactor rows of the new table for one of the old
   * @param columnFactor columns of the new table for one of the old
   * @return [1, 1 + rows · columns, width]
   */
  public Tensor stretched(int rows, int columns, double rowFactor, double columnFactor) {
    return stretched.computeIfAbsent(
        new Size(rows, columns, rowFactor, columnFactor),
        size -> {
          int width = trained.dim(2);
          float[] values = trained.toFloats();
          float[] patches = Arrays.copyOfRange(values, width, values.length);
          float[] moved =
              Interpolation.apply(
                  patches,
                  width,
                  Interpolation.bicubic(grid, rows, rowFactor),
                  Interpolation.bicubic(grid, columns, columnFactor));
          float[] table = Floats.concat(Arrays.copyOf(values, width), moved);
          return Scope.outlive(Tensor.of(backend, table, 1, table.length / width, width));
        });
  }
}
