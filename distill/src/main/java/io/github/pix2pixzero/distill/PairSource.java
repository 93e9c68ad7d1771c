package io.github.pix2pixzero.distill;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.List;

/** Pairs to train on, in an order that does not change. */
public interface PairSource {

  /** Pairs in memory. */
  static PairSource of(List<Pair> pairs) {
    ImmutableList<Pair> all = ImmutableList.copyOf(pairs);
    return new PairSource() {
      @Override
      public int size() {
        return all.size();
      }

      @Override
      public Pair pair(int index) {
        return all.get(index);
      }
    };
  }

  /** Tells these pairs from others, so that a training goes on with those it began with. */
  default String fingerprint() {
    return Integer.toString(size());
  }

  /** How many there are. */
  int size();

  /**
   * Decodes a pair. Called from one thread at a time.
   *
   * @param index 0 to {@code size() - 1}
   * @throws IOException naming the pair if it cannot be read
   */
  Pair pair(int index) throws IOException;
}
