package io.github.pix2pixzero.evaluation.set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import io.github.pix2pixzero.evaluation.Goldens;
import io.github.pix2pixzero.evaluation.measure.Region;
import io.github.pix2pixzero.evaluation.network.PixelValues;
import io.github.pix2pixzero.evaluation.set.EvaluationSet.Layout;
import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against what PnPInversion's evaluate.py reads of the same files. */
class PieBenchTest {
  private static final Path PIE = Goldens.FOLDER.resolve("pie-mini");

  @Test
  void picturesAndMasksAreThoseOfPieBench() throws IOException {
    JsonNode expected = Goldens.json("pie-mini/expected.json");
    EvaluationSet set = EvaluationSet.open(PIE.resolve("data"));

    assertThat(set.layout()).isEqualTo(Layout.PIE_BENCH);
    assertThat(set.samples()).hasSize(6);
    for (Sample sample : set.samples()) {
      Region region = sample.region().orElseThrow();
      JsonNode mask = expected.get("masks").get(sample.id());
      BufferedImage blurred =
          PictureFiles.read(
              PIE.resolve("output/blur/annotation_images").resolve(sample.resultName()));
      JsonNode files = expected.get("files").get(sample.id());

      assertThat(region.count()).isEqualTo(mask.get("ones").intValue());
      assertThat(sha256(region.inside())).hasToString(mask.get("sha256").textValue());
      assertThat(sha256(sample.source())).hasToString(files.get("source_rgb_sha256").textValue());
      assertThat(sha256(blurred)).hasToString(files.get("blur_rgb_sha256").textValue());
      assertThat(sample.result(blurred).getWidth()).isEqualTo(PieBench.SIZE);
    }
  }

  private static HashCode sha256(boolean[] pixels) {
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (pixels[i] ? 1 : 0);
    }
    return Hashing.sha256().hashBytes(bytes);
  }

  private static HashCode sha256(BufferedImage picture) {
    float[] levels = PixelValues.levels(picture);
    byte[] bytes = new byte[levels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) levels[i];
    }
    return Hashing.sha256().hashBytes(bytes);
  }

  @Test
  void promptsLoseTheirBrackets() throws IOException {
    Sample cat = PieBench.read(PIE.resolve("data")).samples().get(1);

    assertThat(cat.id()).isEqualTo("111000000000");
    assertThat(cat.kind()).isEqualTo("1 change object");
    assertThat(cat.texts().orElseThrow().source()).isEqualTo("a drawing of a cat on the grass");
    assertThat(cat.texts().orElseThrow().target()).isEqualTo("a drawing of a dog on the grass");
  }

  @Test
  void kindsCanBeLeftOut() throws IOException {
    EvaluationSet set = PieBench.read(PIE.resolve("data"));
    String kind = "1 change object";

    assertThat(set.samples()).extracting(Sample::kind).contains(kind);
    EvaluationSet others = set.without(Set.of(kind));
    assertThat(others.samples()).isNotEmpty().extracting(Sample::kind).doesNotContain(kind);
    assertThat(set.without(Set.of())).isEqualTo(set);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> set.without(Set.of("2 change object")))
        .withMessageContaining(kind)
        .withMessageContaining("2 change object cannot be left out");
  }

  @Test
  void aRunMayStartPastTheEnd() {
    Region region = PieBench.mask(300_000, 5, Integer.MAX_VALUE, Integer.MAX_VALUE);

    assertThat(region.count()).isEqualTo(4 * (PieBench.SIZE - 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"editing_type_id\": \"10\", \"mask\": [] | editing_type_id of 7 is 10",
        "\"editing_type_id\": \"1\", \"mask\": [1] | mask of 7 should be pairs",
        "\"editing_type_id\": \"1\", \"mask\": [-1, 2] | mask of 7 should be pairs",
        "\"editing_type_id\": \"one\", \"mask\": [] | mapping_file.json",
        "\"editing_type_id\": \"1\" | mask",
      })
  void saysWhatIsWrong(String rest, String message, @TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("mapping_file.json"),
        "{\"7\": {\"image_path\": \"a.jpg\", \"original_prompt\": \"\", \"editing_prompt\": \"\", "
            + rest
            + "}}");

    assertThatIOException().isThrownBy(() -> PieBench.read(folder)).withMessageContaining(message);
  }

  @Test
  void picturesLieWithinTheSet(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("mapping_file.json"),
        """
        {"7": {"image_path": "../../etc/a.jpg", "original_prompt": "", "editing_prompt": "",
         "editing_type_id": "1", "mask": []}}
        """);

    assertThatIOException()
        .isThrownBy(() -> PieBench.read(folder))
        .withMessageContaining("expected one below annotation_images");
  }
}
