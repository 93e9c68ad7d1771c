package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.guidance.GradientMode;
import io.github.pix2pixzero.guidance.Published;
import java.util.List;
import picocli.CommandLine.Option;

/** What only the published method has. */
final class PublishedOptions {
  @Option(
      names = "--gradient",
      order = 25,
      paramLabel = "full|reference",
      description = "Published: gradient that keeps the structure. Default: reference.")
  private GradientMode gradient;

  List<String> given() {
    return gradient == null ? List.of() : List.of("--gradient");
  }

  Published applyTo(Published method) {
    return gradient == null ? method : method.withGradient(gradient);
  }
}
