package io.github.pix2pixzero.clip;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the reference vectors in {@code goldens/clip-image}, made by transformers. */
class ClipModelTest {
  private static final String BACKENDS = "io.github.pix2pixzero.tensor.testing.TestBackends#cpu";

  private static final ModelFolder FOLDER =
      ModelFolder.ofResources(ClipModelTest.class, "goldens/clip-image");

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void picturesAreWhereTransformersHasThem(Backend backend) throws IOException {
    ClipModel model = ClipModel.load(FOLDER, backend);
    try (Scope scope = Scope.open()) {
      Tensor pixels = golden(backend, "pixel_values").toChannelsLast();

      assertClose(model.vision().forward(pixels), golden(backend, "vision"), 1e-5);
      assertClose(model.vision().pooled(pixels), golden(backend, "vision_pooled"), 1e-5);
      assertClose(model.embedPictures(pixels), golden(backend, "image_embeds"), 5e-6);
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void textsAreWhereTransformersHasThem(Backend backend) throws IOException {
    ClipModel model = ClipModel.load(FOLDER, backend);
    try (Scope scope = Scope.open()) {
      assertClose(model.embedTexts(texts()), golden(backend, "text_embeds"), 5e-6);
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void textsEndWhereTheirLengthDoesNotMatter(Backend backend) throws IOException {
    ClipModel model = ClipModel.load(FOLDER, backend);
    try (Scope scope = Scope.open()) {
      Tensor alone = model.embedTexts(texts().subList(2, 3));

      assertClose(alone, golden(backend, "text_embeds").slice(0, 2, 3), 5e-6);
    }
  }

  /** What later configs say: the id of the token, which in the vocabulary is the highest. */
  @ParameterizedTest
  @MethodSource(BACKENDS)
  void theEndMayBeNamed(Backend backend) throws IOException {
    String json =
        new String(FOLDER.open("config.json").readAllBytes(), StandardCharsets.UTF_8)
            .replace("\"eos_token_id\": 2", "\"eos_token_id\": 875");
    InputStream in = new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8));
    try (TensorSource files = FOLDER.weights("model");
        Scope scope = Scope.open()) {
      ClipModel model =
          new ClipModel(
              ClipTokenizer.load(FOLDER),
              Weights.of(backend, files),
              JsonConfig.read(in, "config.json"));

      assertClose(model.embedTexts(texts()), golden(backend, "text_embeds"), 5e-6);
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void refusesWhatItCannotEmbed(Backend backend) throws IOException {
    ClipModel model = ClipModel.load(FOLDER, backend);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.embedPictures(Tensor.zeros(backend, 1, 42, 41, 3)))
        .withMessage("pictures are [1, 42, 41, 3], expected [batch, 42, 42, 3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.embedTexts(List.of()))
        .withMessage("there are no texts to embed");
  }

  private static List<String> texts() throws IOException {
    JsonNode cases = JsonMapper.builder().build().readTree(FOLDER.open("cases.json"));
    List<String> texts = new ArrayList<>();
    cases.get("texts").forEach(text -> texts.add(text.textValue()));
    assertThat(texts).hasSize(8);
    return texts;
  }

  private static Tensor golden(Backend backend, String name) throws IOException {
    try (SafetensorsFile io = FOLDER.safetensors("io.safetensors")) {
      int[] shape = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
      return Tensor.of(backend, io.readFloats(name), shape);
    }
  }
}
