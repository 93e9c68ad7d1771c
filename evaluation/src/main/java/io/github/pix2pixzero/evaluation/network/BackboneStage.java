package io.github.pix2pixzero.evaluation.network;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The layers of a {@link Backbone} up to a place where LPIPS compares.
 *
 * @param width channels there
 * @param pool what comes between it and the next stage; null for nothing
 */
record BackboneStage(ImmutableList<BackboneLayer> layers, int width, BackboneLayer pool) {
  /** Bands are made of so many rows or a multiple: whole windows and whole tiles of Winograd's. */
  private static final int ROWS = 4;

  /** The same with a pool behind it. */
  BackboneStage followedBy(BackboneLayer next) {
    return new BackboneStage(layers, width, next);
  }

  /**
   * Computes the stage in bands of rows, unless the pool's windows overlap or there is none: then
   * all the features are needed at once.
   *
   * @param x [batch, height, width, channels]
   * @param elements that the features of a band should have at most
   * @param viewer shown the features, band by band
   * @return what the next stage takes
   */
  Tensor run(Tensor x, int elements, Consumer<Tensor> viewer) {
    int height = x.dim(1);
    int across = x.dim(2);
    for (BackboneLayer layer : layers) {
      height = layer.outputs(height);
      across = layer.outputs(across);
    }
    int rows = height;
    if (pool != null && pool.kernel() == pool.stride()) {
      rows = Math.max(1, elements / (x.dim(0) * across * width) / ROWS) * ROWS;
      rows = Math.min(rows, height);
    }
    List<Tensor> parts = new ArrayList<>();
    try (Scope scope = Scope.local()) {
      int end;
      for (int row = 0; row < height; row = end) {
        // What is too little for a window goes with what is above it.
        end = height - row < rows + ROWS ? height : row + rows;
        try (Scope band = Scope.local()) {
          Tensor features = rows(x, row, end);
          viewer.accept(features);
          parts.add(band.keep(pool == null ? features : pool.rows().of(features, 0, 0)));
        }
      }
      return scope.keep(
          parts.size() == 1 ? parts.get(0) : Tensor.concat(1, parts.toArray(Tensor[]::new)));
    }
  }

  /** Some rows of the features. */
  private Tensor rows(Tensor x, int from, int end) {
    List<Span> spans = new ArrayList<>();
    Span wanted = new Span(from, end, 0, 0);
    for (int i = layers.size() - 1; i >= 0; i--) {
      int height = x.dim(1);
      for (BackboneLayer before : layers.subList(0, i)) {
        height = before.outputs(height);
      }
      wanted = wanted.madeOf(layers.get(i), height);
      spans.add(0, wanted);
    }
    Tensor h = x.slice(1, wanted.from(), wanted.end());
    for (int i = 0; i < layers.size(); i++) {
      BackboneLayer.Rows layer = layers.get(i).rows();
      Span span = spans.get(i);
      Tensor next;
      try (Scope scope = Scope.local()) {
        next = scope.keep(layer.of(h, span.top(), span.bottom()));
      }
      if (h != x) {
        Scope.release(h);
      }
      h = next;
    }
    return h;
  }

  /** Rows of a layer's input, and how many are padding that would lie above and below them. */
  private record Span(int from, int end, int top, int bottom) {

    /** What a layer makes these of, if its input has {@code height} rows. */
    Span madeOf(BackboneLayer layer, int height) {
      int first = from * layer.stride() - layer.padding();
      int last = (end - 1) * layer.stride() - layer.padding() + layer.kernel();
      return new Span(
          Math.max(0, first),
          Math.min(height, last),
          Math.max(0, -first),
          Math.max(0, last - height));
    }
  }
}
