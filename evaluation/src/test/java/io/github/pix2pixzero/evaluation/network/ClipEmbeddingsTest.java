package io.github.pix2pixzero.evaluation.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.hash.Hashing;
import io.github.pix2pixzero.evaluation.Goldens;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against transformers' processor and model, on pictures of every mode a PNG brings. */
class ClipEmbeddingsTest {
  private static final Path PICTURES =
      Path.of("..", "pictures", "src", "test", "resources", "pillow");

  @Test
  void picturesAreCutAsTransformersDoes() throws IOException {
    JsonNode cases = Goldens.clipCases();
    for (JsonNode name : cases.get("pictures")) {
      for (JsonNode cut : cases.get("preprocessing").get(name.textValue())) {
        int size = cut.get("size").intValue();
        float[] levels = PixelValues.levels(ClipEmbeddings.square(picture(name.textValue()), size));
        byte[] bytes = new byte[levels.length];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) levels[i];
        }

        assertThat(Hashing.sha256().hashBytes(bytes))
            .as("%s at %s", name, size)
            .hasToString(cut.get("cropped_sha256").textValue());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void similaritiesAreThoseOfTransformers(Backend backend) throws IOException {
    ClipEmbeddings clip = Goldens.clip(backend);
    JsonNode cases = Goldens.clipCases();
    JsonNode scores = cases.get("clip_score");
    for (int i = 0; i < cases.get("pictures").size(); i++) {
      BufferedImage picture = picture(cases.get("pictures").get(i).textValue());
      for (int j = 0; j < cases.get("texts").size(); j++) {
        double cosine = clip.cosine(picture, cases.get("texts").get(j).textValue());

        assertThat(Math.max(0, 100 * cosine))
            .as("picture %s, text %s", i, j)
            .isCloseTo(scores.get(i).get(j).doubleValue(), within(5e-4));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.pix2pixzero.tensor.testing.TestBackends#cpu")
  void asManyAreNearerToTheTargetAsTransformersFinds(Backend backend) throws IOException {
    ClipEmbeddings clip = Goldens.clip(backend);
    JsonNode cases = Goldens.clipCases();
    for (JsonNode pair : cases.get("zero_shot")) {
      int nearer = 0;
      for (JsonNode name : cases.get("pictures")) {
        BufferedImage picture = picture(name.textValue());
        double target = clip.cosine(picture, pair.get("target").textValue());
        nearer += target > clip.cosine(picture, pair.get("source").textValue()) ? 1 : 0;
      }

      assertThat((double) nearer / cases.get("pictures").size())
          .isEqualTo(Goldens.number(pair, "clip_acc"));
    }
  }

  private static BufferedImage picture(String name) throws IOException {
    return ImageIO.read(PICTURES.resolve(name).toFile());
  }
}
