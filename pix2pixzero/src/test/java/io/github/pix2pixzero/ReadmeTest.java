package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.guidance.Quality;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.picture.PngTexts;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The README's Java runs as it stands there, but for where the files lie. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");

  @TempDir Path folder;

  @Test
  void theExampleEditsAPicture() throws IOException {
    Path checkpoint = ROOT.resolve("toy-world/model");
    Pix2PixZero model = Pix2PixZero.load(checkpoint);
    BufferedImage cat = PictureFiles.read(ROOT.resolve("toy-world/examples/cat.png"));
    EditOptions options =
        EditOptions.builder()
            .from("cat")
            .to("dog")
            .caption("a photo of a gray cat in the snow")
            .steps(20)
            .build();
    Edit edit = model.edit(cat, options);
    PictureFiles.write(edit.image(), folder.resolve("dog.png"));
    assertThat(PictureFiles.read(folder.resolve("dog.png")).getWidth()).isEqualTo(64);

    byte[] uploaded = Files.readAllBytes(ROOT.resolve("toy-world/examples/cat.png"));
    Request request = new Request(new ByteArrayInputStream(uploaded));
    Response response = new Response(new ByteArrayOutputStream());
    BufferedImage upload = PictureFiles.read(request.getInputStream());
    Map<String, String> texts = Map.of(PngTexts.PARAMETERS, "a photo of a dog\nSteps: 20");
    PictureFiles.write(edit.image(), "png", texts, response.getOutputStream());
    assertThat(upload.getWidth()).isEqualTo(cat.getWidth());
    Path answer =
        Files.write(folder.resolve("answer.png"), response.getOutputStream().toByteArray());
    assertThat(PngTexts.read(answer)).isEqualTo(texts);
    assertThat(PictureFiles.read(answer).getRGB(32, 32)).isEqualTo(edit.image().getRGB(32, 32));
  }

  private record Request(InputStream getInputStream) {}

  private record Response(ByteArrayOutputStream getOutputStream) {}

  /** The pictures tell how they were made; that is what the README says of them. */
  @ParameterizedTest
  @CsvSource({
    "cat-dog, a cat, cat, dog",
    "cat-orange, a gray cat in the snow, gray, orange",
    "cat-beach, a gray cat in the snow, in the snow, on a beach",
    "cat-sketch, a gray cat in the snow, photo, sketch"
  })
  void thePicturesAreMadeByThisProgram(String name, String shown, String from, String to)
      throws IOException {
    Path picture = ROOT.resolve("docs/images/" + name + ".png");
    assertThat(PngTexts.read(picture).get(PngTexts.PARAMETERS))
        .startsWith("a photo of " + shown + "\nSteps: " + Quality.STANDARD.steps() + ",")
        .contains("Model: toy-world, Edit from: " + from + ", Edit to: " + to + ",")
        .contains("Version: pix2pix-zero ");
    assertThat(Files.readString(ROOT.resolve("README.md")))
        .contains("docs/images/" + name + ".png")
        .contains("`--from " + word(from) + " --to " + word(to) + "`");
  }

  private static String word(String text) {
    return text.contains(" ") ? '"' + text + '"' : text;
  }

  /** What a user copies names the artifact that this module becomes. */
  @Test
  void theMavenSnippetNamesThisArtifact() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String snippet = readme.split("```xml\n")[1].split("```")[0];
    String pom = Files.readString(Path.of("pom.xml"));
    for (String element : new String[] {"groupId", "artifactId", "version"}) {
      String wanted =
          snippet.replaceAll("(?s).*(<" + element + ">[^<]*</" + element + ">).*", "$1");
      assertThat(pom).contains(wanted);
    }
  }

  @Test
  void theReadmeShowsThisExample() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String test = Files.readString(Path.of("src/test/java/io/github/pix2pixzero/ReadmeTest.java"));
    List<String> shown =
        Arrays.stream(readme.split("```java\n"))
            .skip(1)
            .flatMap(block -> block.split("```")[0].lines())
            .map(String::strip)
            .toList();
    assertThat(shown).hasSizeGreaterThan(12);
    assertThat(shown.stream().filter(line -> !line.contains("Path.of(")))
        .allSatisfy(line -> assertThat(test).contains(line));
  }
}
