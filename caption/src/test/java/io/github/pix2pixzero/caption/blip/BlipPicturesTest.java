package io.github.pix2pixzero.caption.blip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the values of transformers' BlipImageProcessorPil. */
class BlipPicturesTest {
  private static final Backend BACKEND = Backends.named("plain", 1);

  record Facts(double pixel_values384_mean, double pixel_values384_std) {}

  @Test
  void valuesAreThoseOfTransformers() throws IOException {
    BlipPictures pictures = BlipPictures.load(Goldens.folder("model"));
    Tensor expected = Goldens.vector("model", "pixel_values", BACKEND);

    for (int i = 0; i < Goldens.PICTURES.size(); i++) {
      Tensor values = pictures.toTensor(Goldens.picture(Goldens.PICTURES.get(i)), BACKEND);

      BlipModelTest.assertWithin(values, expected.slice(0, i, i + 1), 1e-6);
    }
  }

  @Test
  void withoutAConfigItIsAsPublished(@TempDir Path empty) throws IOException {
    Map<String, Facts> facts = Goldens.json("preprocessing/cases.json", new TypeReference<>() {});
    BlipPictures pictures = BlipPictures.load(ModelFolder.of(empty));

    assertThat(pictures).isEqualTo(BlipPictures.load(Goldens.folder("model-bare")));
    for (String name : Goldens.PICTURES) {
      float[] values = pictures.toTensor(Goldens.picture(name), BACKEND).toFloats();
      double[] exact = new double[values.length];
      Arrays.setAll(exact, i -> values[i]);
      double mean = Arrays.stream(exact).average().orElseThrow();
      double squares = Arrays.stream(exact).map(v -> (v - mean) * (v - mean)).sum();

      assertThat(values).hasSize(3 * 384 * 384);
      assertThat(mean).isEqualTo(facts.get(name).pixel_values384_mean(), within(1e-6));
      assertThat(Math.sqrt(squares / (values.length - 1)))
          .isEqualTo(facts.get(name).pixel_values384_std(), within(1e-6));
    }
  }

  @Test
  void refusesAnotherFilter(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("preprocessor_config.json"), "{\"resample\": 2}");

    assertThatThrownBy(() -> BlipPictures.load(ModelFolder.of(folder)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("preprocessor_config.json")
        .hasMessageContaining("resample is 2");
  }
}
