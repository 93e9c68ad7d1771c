package io.github.pix2pixzero.benchmarks;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The rows of the table. */
final class Kernels {
  static final ImmutableList<Kernel> ALL =
      Stream.of(
              MatmulKernels.all(),
              ConvKernels.all(),
              AttentionKernels.all(),
              NormKernels.all(),
              UNetKernels.all())
          .flatMap(Function.identity())
          .collect(toImmutableList());

  private Kernels() {}

  /** The row of this name. */
  static Kernel named(String name) {
    return ALL.stream()
        .filter(kernel -> kernel.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no kernel named " + name));
  }

  /**
   * The rows whose name one of the regular expressions is found in; all if there are none.
   *
   * @throws IllegalArgumentException if that leaves none
   */
  static ImmutableList<Kernel> matching(List<String> filters) {
    List<Pattern> patterns = filters.stream().map(Pattern::compile).toList();
    ImmutableList<Kernel> chosen =
        ALL.stream()
            .filter(
                kernel ->
                    patterns.isEmpty()
                        || patterns.stream()
                            .anyMatch(pattern -> pattern.matcher(kernel.name()).find()))
            .collect(toImmutableList());
    checkArgument(!chosen.isEmpty(), "no kernel's name contains any of %s", filters);
    return chosen;
  }
}
