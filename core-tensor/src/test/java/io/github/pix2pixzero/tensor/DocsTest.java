package io.github.pix2pixzero.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages on this module show its code as it is: a block of Java names the file it is from. */
class DocsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK = Pattern.compile("(?s)```java (\\S+)\n(.*?)```");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^):#]+)\\)");

  @ParameterizedTest
  @ValueSource(strings = {"autograd.md", "backend.md", "training.md"})
  void codeIsAsInTheSources(String page) throws IOException {
    String text = Files.readString(ROOT.resolve("docs").resolve(page));
    List<MatchResult> blocks = BLOCK.matcher(text).results().toList();

    assertThat(text.split("```java")).as("every block names its file").hasSize(blocks.size() + 1);
    assertThat(blocks).hasSizeGreaterThan(3);
    for (MatchResult block : blocks) {
      String source = Files.readString(ROOT.resolve(block.group(1)));
      assertThat(source).as("%s, quoted in %s", block.group(1), page).contains(block.group(2));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "tensor.md", "autograd.md", "backend.md", "training.md"})
  void linksLeadSomewhere(String page) throws IOException {
    Path docs = ROOT.resolve("docs");
    assertThat(LINK.matcher(Files.readString(docs.resolve(page))).results())
        .isNotEmpty()
        .allSatisfy(link -> assertThat(docs.resolve(link.group(1))).exists());
  }
}
