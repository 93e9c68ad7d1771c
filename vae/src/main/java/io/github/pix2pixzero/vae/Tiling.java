package io.github.pix2pixzero.vae;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * How large pictures pass an {@link AutoencoderKL}: in square tiles that overlap by a quarter,
 * where one fades into the next. Memory then no longer grows with the picture; far corners no
 * longer see one another. Agrees with diffusers' {@code enable_tiling}.
 *
 * @param tile height and width of a tile in pixels
 * @param above pictures with a side of more pixels than this pass in tiles, others at once
 */
public record Tiling(int tile, int above) {
  /** Tiles of the size Stable Diffusion was trained with, for pictures of four of them and more. */
  public static final Tiling AUTOMATIC = new Tiling(512, 1024);

  /** Every picture at once, whatever memory it takes. */
  public static final Tiling NEVER = new Tiling(512, Integer.MAX_VALUE);

  private static final int ROWS = 2;
  private static final int COLUMNS = 3;

  public Tiling {
    checkArgument(tile >= 1, "a tile should have at least one pixel, it has %s", tile);
    checkArgument(above >= tile, "tiles of %s pixels do not fit pictures of %s", tile, above);
  }

  /** Tiles of this many pixels wherever there is more than one. */
  public static Tiling of(int tile) {
    return new Tiling(tile, tile);
  }

  boolean appliesTo(int height, int width) {
    return Math.max(height, width) > above;
  }

  /**
   * Sends a picture through a network tile by tile.
   *
   * @param x [batch, channels, height, width]
   * @param tileIn height and width of a tile before the network
   * @param tileOut height and width of a tile after it
   * @param network takes [batch, channels, h, w], with h and w up to {@code tileIn}
   */
  static Tensor apply(Tensor x, int tileIn, int tileOut, UnaryOperator<Tensor> network) {
    int stride = tileIn * 3 / 4;
    int blend = tileOut / 4;
    int kept = tileOut - blend;
    try (Scope scope = Scope.local()) {
      List<Tensor> rows = new ArrayList<>();
      List<Tensor> above = List.of();
      for (int y = 0; y < x.dim(ROWS); y += stride) {
        List<Tensor> row = new ArrayList<>();
        List<Tensor> parts = new ArrayList<>();
        Tensor band = x.slice(ROWS, y, Math.min(y + tileIn, x.dim(ROWS)));
        for (int left = 0; left < x.dim(COLUMNS); left += stride) {
          Tensor tile =
              network.apply(band.slice(COLUMNS, left, Math.min(left + tileIn, x.dim(COLUMNS))));
          if (!above.isEmpty()) {
            tile = blend(above.get(row.size()), tile, ROWS, blend);
          }
          if (!row.isEmpty()) {
            tile = blend(row.get(row.size() - 1), tile, COLUMNS, blend);
          }
          row.add(tile);
          parts.add(start(start(tile, ROWS, kept), COLUMNS, kept));
        }
        rows.add(Tensor.concat(COLUMNS, parts.toArray(Tensor[]::new)));
        above = row;
      }
      return scope.keep(Tensor.concat(ROWS, rows.toArray(Tensor[]::new)));
    }
  }

  /** The second tile, whose start fades in from the end of the first. */
  private static Tensor blend(Tensor before, Tensor tile, int axis, int most) {
    int size = tile.dim(axis);
    int extent = Math.min(most, Math.min(before.dim(axis), size));
    if (extent == 0) {
      return tile;
    }
    float[] ramp = new float[extent];
    float[] back = new float[extent];
    for (int i = 0; i < extent; i++) {
      ramp[i] = (float) i / extent;
      back[i] = 1 - ramp[i];
    }
    int[] dims = {1, 1, 1, 1};
    dims[axis] = extent;
    int end = before.dim(axis);
    Tensor fading = before.slice(axis, end - extent, end).mul(of(tile, back, dims));
    Tensor rising = tile.slice(axis, 0, extent).mul(of(tile, ramp, dims));
    Tensor blended = fading.add(rising);
    return extent == size ? blended : Tensor.concat(axis, blended, tile.slice(axis, extent, size));
  }

  private static Tensor of(Tensor like, float[] values, int[] dims) {
    return Tensor.of(like.backend(), values, dims);
  }

  private static Tensor start(Tensor tile, int axis, int most) {
    return tile.dim(axis) <= most ? tile : tile.slice(axis, 0, most);
  }
}
