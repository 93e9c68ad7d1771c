package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Weights.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The names of a source below a prefix, and which of them have been asked for. */
final class Names {
  private final TensorSource source;
  private final String prefix;
  private final Set<String> unused;

  private Names(TensorSource source, String prefix, Set<String> unused) {
    this.source = source;
    this.prefix = prefix;
    this.unused = unused;
  }

  Names(TensorSource source) {
    this(source, "", new TreeSet<>(source.names()));
  }

  Names at(String name) {
    return new Names(source, prefix + name + ".", unused);
  }

  /** What the source is called in messages. */
  String source() {
    return source.displayName();
  }

  String full(String name) {
    return prefix + name;
  }

  boolean has(String name) {
    return source.contains(full(name));
  }

  Set<String> leftovers() {
    return Collections.unmodifiableSet(new TreeSet<>(unused));
  }

  StoredTensor stored(String name) {
    try {
      return source.tensor(full(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Notes that a tensor was asked for; what is wrong with it, if anything is. */
  Optional<Fault> ask(String name, Layout layout, Shape expected) {
    unused.remove(full(name));
    if (!has(name)) {
      return Optional.of(new Fault(full(name), expected, Optional.empty()));
    }
    long[] found = stored(name).shape();
    return fits(found, layout, expected)
        ? Optional.empty()
        : Optional.of(new Fault(full(name), expected, Optional.of(Arrays.toString(found))));
  }

  /** Matrices and 1×1 kernels hold the same elements in the same order. */
  private static boolean fits(long[] found, Layout layout, Shape expected) {
    return found.length == expected.rank()
        ? matches(found, expected)
        : switch (layout) {
          case LINEAR -> matches(found, Shape.of(expected.dim(0), expected.dim(1), 1, 1));
          case POINTWISE -> matches(found, Shape.of(expected.dim(0), expected.dim(1)));
          default -> false;
        };
  }

  private static boolean matches(long[] found, Shape expected) {
    return Arrays.equals(found, Arrays.stream(expected.toArray()).asLongStream().toArray());
  }
}
