package io.github.pix2pixzero.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.evaluation.set.EvaluationSet;
import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintTest {
  private static final List<String> PICTURES = List.of("source", "mask", "is-dog", "is-fox");

  @TempDir Path folder;

  private void write(String what, int level) throws IOException {
    BufferedImage picture = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(1, 1, level * 0x10101);
    PictureFiles.write(picture, folder.resolve("a-" + what + ".png"));
  }

  private String fingerprint() throws IOException {
    return Fingerprint.of(EvaluationSet.open(folder).samples().get(0));
  }

  /** Whether an edit succeeds is measured by the answers that it should not give, too. */
  @Test
  void knowsASampleByEveryPictureThatMeasuresLookAt() throws IOException {
    Files.writeString(
        folder.resolve("scenes.json"),
        """
        [{"id": "a", "attribute": "animal", "from": "cat", "to": "dog", "caption": "a cat",
          "target_caption": "a dog", "values": ["dog", "fox"]}]
        """);
    for (String picture : PICTURES) {
      write(picture, 255);
    }
    String before = fingerprint();
    for (String picture : PICTURES) {
      write(picture, 1);
      assertThat(fingerprint()).as(picture).isNotEqualTo(before);
      write(picture, 255);
      assertThat(fingerprint()).as(picture).isEqualTo(before);
    }
  }
}
