package io.github.pix2pixzero.evaluation.set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.github.pix2pixzero.evaluation.set.EvaluationSet.Layout;
import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTableTest {
  @TempDir Path folder;

  private EvaluationSet read(String table) throws IOException {
    Files.writeString(folder.resolve("samples.csv"), table);
    return EvaluationSet.open(folder);
  }

  @Test
  void readsATable() throws IOException {
    BufferedImage mask = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    mask.setRGB(1, 0, 0xffffff);
    PictureFiles.write(mask, folder.resolve("mask.png"));

    EvaluationSet set =
        read(
            "\uFEFFpicture,caption,Target caption,mask,kind\r\n"
                + "a/cat.jpg,\"a cat, asleep\",\"a \"\"dog\"\"\nasleep\",mask.png,animal\r\n"
                + "\r\n"
                + "b/house.png,a house,a tower,,");

    assertThat(set.layout()).isEqualTo(Layout.CSV);
    Sample cat = set.samples().get(0);
    assertThat(cat.id()).isEqualTo("cat");
    assertThat(cat.kind()).isEqualTo("animal");
    assertThat(cat.file()).isEqualTo(folder.resolve("a/cat.jpg"));
    assertThat(cat.texts().orElseThrow().source()).isEqualTo("a cat, asleep");
    assertThat(cat.texts().orElseThrow().target()).isEqualTo("a \"dog\"\nasleep");
    assertThat(cat.region().orElseThrow().inside()).containsExactly(false, true);
    assertThat(cat.resultName()).isEqualTo("cat.png");
    assertThat(set.samples().get(1).region()).isEmpty();
    assertThat(set.samples()).hasSize(2);
  }

  @Test
  void aPictureMayBeEditedInSeveralWays() throws IOException {
    EvaluationSet set =
        read("id,picture,caption,target_caption\n1,a.png,a cat,a dog\n2,a.png,a cat,a fox\n");

    assertThat(set.samples()).extracting(Sample::id).isEqualTo(List.of("1", "2"));
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    assertRefused("", "is empty");
    assertRefused("picture,caption\n", "has no column target_caption");
    assertRefused("picture,caption,target_caption,size\n", "no meaning to a column size");
    assertRefused("picture,caption,target_caption\na.png,x\n", "2 values where there are 3");
    assertRefused("picture,caption,target_caption\na.png,,y\n", "has no caption");
    assertRefused("picture,caption,target_caption\na.png,\"x,y\n", "a quote is not closed");
    assertRefused(
        "picture,caption,target_caption\na.png,x,y\na.png,x,z\n", "two lines of the id a");
    assertRefused("picture,caption,target_caption\n", "has no samples");
    Files.write(folder.resolve("samples.csv"), "é".getBytes(StandardCharsets.ISO_8859_1));
    assertThatIOException()
        .isThrownBy(() -> EvaluationSet.open(folder))
        .withMessageContaining("is not UTF-8");
  }

  private void assertRefused(String table, String message) {
    assertThatIOException().isThrownBy(() -> read(table)).withMessageContaining(message);
  }
}
