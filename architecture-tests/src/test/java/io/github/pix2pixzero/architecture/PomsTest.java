package io.github.pix2pixzero.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What the POMs must agree on and Maven does not check. */
class PomsTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @Test
  void theBomListsEveryPublishedModule() throws Exception {
    Element managed = (Element) pom("bom").getElementsByTagName("dependencyManagement").item(0);

    assertThat(texts(managed, "artifactId"))
        .containsExactlyInAnyOrderElementsOf(publishedModules().map(PomsTest::artifactOf).toList());
  }

  @Test
  void theBomHasTheParentsVersion() throws Exception {
    assertThat(ownText(pom("bom"), "version")).isEqualTo(ownText(pom("."), "version"));
  }

  @ParameterizedTest
  @MethodSource("publishedModules")
  void modulesAreNamedAfterTheirDirectory(String module) throws Exception {
    assertThat(ownText(pom(module), "artifactId")).isEqualTo(artifactOf(module));
  }

  /** Javadoc may be skipped only while there is nothing to document. */
  @ParameterizedTest
  @MethodSource("publishedModules")
  void modulesWithTypesHaveJavadoc(String module) throws Exception {
    if (hasTypes(module)) {
      assertThat(texts(pom(module).getDocumentElement(), "maven.javadoc.skip"))
          .as("maven.javadoc.skip in the POM of %s, which has types by now", module)
          .isEmpty();
    }
  }

  static Stream<String> publishedModules() throws Exception {
    List<String> modules = texts(pom(".").getDocumentElement(), "module");
    assertThat(modules).contains("core-tensor", "bom");
    Stream.Builder<String> published = Stream.builder();
    for (String module : modules) {
      if (!module.equals("bom")
          && texts(pom(module).getDocumentElement(), "maven.deploy.skip").isEmpty()) {
        published.add(module);
      }
    }
    return published.build();
  }

  /** At the root, the name of one artifact is taken by the script that runs its command line. */
  private static String artifactOf(String directory) {
    return directory.equals("pix2pixzero") ? "pix2pix-zero" : directory;
  }

  private static boolean hasTypes(String module) throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
      return files
          .map(file -> file.getFileName().toString())
          .anyMatch(name -> name.endsWith(".java") && !name.equals("package-info.java"));
    }
  }

  private static Document pom(String module) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(ROOT.resolve(module).resolve("pom.xml").toFile());
  }

  /** The text of a direct child of {@code <project>}. */
  private static String ownText(Document pom, String tag) {
    NodeList nodes = pom.getDocumentElement().getChildNodes();
    return IntStream.range(0, nodes.getLength())
        .mapToObj(nodes::item)
        .filter(node -> node.getNodeName().equals(tag))
        .map(node -> node.getTextContent().strip())
        .findFirst()
        .orElseThrow();
  }

  private static List<String> texts(Element parent, String tag) {
    NodeList nodes = parent.getElementsByTagName(tag);
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> nodes.item(i).getTextContent().strip())
        .toList();
  }
}
