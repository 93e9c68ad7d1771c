package io.github.pix2pixzero.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The modules' descriptors say what is true of their packages; that they work, .ci/scratch shows.
 */
class DescriptorsTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Pattern NAME = Pattern.compile("\\nmodule ([\\w.]+) \\{");
  private static final Pattern EXPORTS = Pattern.compile("exports ([\\w.]+);");
  private static final Pattern PROVIDES = Pattern.compile("(?s)provides ([\\w.]+) with(.*?);");

  /**
   * Those that others build on. cuda-kernels and what only runs are automatic modules; in one with
   * a descriptor nobody could find the bundled model, whose folders would be its packages.
   */
  static Stream<String> modules() throws IOException {
    try (Stream<Path> folders = Files.list(ROOT)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("src/main/java/module-info.java")))
          .map(folder -> folder.getFileName().toString())
          .toList()
          .stream();
    }
  }

  @Test
  void whatTheFacadeStandsOnHasDescriptors() throws IOException {
    assertThat(modules())
        .contains(
            "core-tensor",
            "clip-text",
            "vae",
            "unet",
            "inversion",
            "direction",
            "guidance",
            "pictures",
            "stable-diffusion",
            "pix2pixzero");
  }

  @ParameterizedTest
  @MethodSource("modules")
  void namesAreThoseOfThePom(String module) throws IOException {
    assertThat(Files.readString(ROOT.resolve(module).resolve("pom.xml")))
        .contains(
            "<module.name>" + found(NAME, descriptor(module)).get(0).group(1) + "</module.name>");
  }

  @ParameterizedTest
  @MethodSource("modules")
  void allPackagesAreExportedButInternalOnes(String module) throws IOException {
    List<String> exported =
        found(EXPORTS, descriptor(module)).stream().map(match -> match.group(1)).toList();
    assertThat(exported).containsExactlyInAnyOrderElementsOf(packages(module));
  }

  /** On the class path providers are found by a file. */
  @ParameterizedTest
  @MethodSource("modules")
  void providersAreThoseOfTheServiceFiles(String module) throws IOException {
    Path services = ROOT.resolve(module).resolve("src/main/resources/META-INF/services");
    List<MatchResult> provided = found(PROVIDES, descriptor(module));
    assertThat(provided).hasSize(Files.isDirectory(services) ? 1 : 0);
    for (MatchResult match : provided) {
      assertThat(List.of(match.group(2).strip().split(",\\s*")))
          .containsExactlyInAnyOrderElementsOf(
              Files.readAllLines(services.resolve(match.group(1))));
    }
  }

  private static String descriptor(String module) throws IOException {
    return Files.readString(ROOT.resolve(module).resolve("src/main/java/module-info.java"));
  }

  private static List<MatchResult> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().toList();
  }

  private static List<String> packages(String module) throws IOException {
    Path sources = ROOT.resolve(module).resolve("src/main/java");
    try (Stream<Path> files = Files.walk(sources)) {
      return files
          .filter(file -> file.endsWith("package-info.java"))
          .map(
              file ->
                  sources.relativize(file.getParent()).toString().replace(File.separatorChar, '.'))
          .filter(name -> !(name + ".").contains(".internal."))
          .toList();
    }
  }
}
