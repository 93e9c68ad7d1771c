package io.github.pix2pixzero.tensor.internal.vector;

import io.github.pix2pixzero.tensor.internal.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Fill;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Layout;

/**
 * The right factors of products: panels that are all there, or, of halves and of factors that are
 * met only once, panels that every task makes for itself when it needs them.
 *
 * @param made the panels of all factors; null if they are to be made
 * @param fill makes panels
 */
record Factors(Layout layout, Borrowed made, Fill fill) implements AutoCloseable {

  int depth() {
    return layout.depth();
  }

  int columns() {
    return layout.columns();
  }

  /** Panels of each factor. */
  int count() {
    return Panels.count(layout.columns());
  }

  /** How products with these factors are cut into tasks. */
  Tasks tasks(int products, int m) {
    Tasks tasks = Tasks.of(products, m, columns(), depth());
    return made == null ? tasks.forMaking(products, depth()) : tasks;
  }

  /**
   * A factor of which the panels {@code first} to {@code end} may be read, until this thread asks
   * for others.
   */
  Panels panels(int factor, int first, int end) {
    if (made != null) {
      return layout.panels(made.array(), factor);
    }
    Panels all = new Panels(null, 0, depth(), columns());
    int start = all.panelStart(first);
    int size = all.panelStart(end - 1) + depth() * all.width(end - 1) - start;
    float[] space = Scratch.get().floats(3, size);
    Panels some = new Panels(space, -start, depth(), columns());
    for (int panel = first; panel < end; panel++) {
      fill.panel(some, factor, panel);
    }
    return some;
  }

  @Override
  public void close() {
    if (made != null) {
      made.close();
    }
  }
}
