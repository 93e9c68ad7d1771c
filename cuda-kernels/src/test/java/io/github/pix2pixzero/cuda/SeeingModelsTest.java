package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.caption.blip.BlipModel;
import io.github.pix2pixzero.caption.blip.SearchOptions;
import io.github.pix2pixzero.clip.ClipModel;
import io.github.pix2pixzero.evaluation.network.DinoModel;
import io.github.pix2pixzero.evaluation.network.DinoModel.Positions;
import io.github.pix2pixzero.evaluation.network.Lpips;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.testing.SameOnEveryJdk;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import javax.imageio.ImageIO;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What looks at pictures agrees with transformers and torchvision on CUDA as on the CPU: BLIP, and
 * the networks of measures. The reference vectors are those of the models' own modules.
 */
@SameOnEveryJdk
class SeeingModelsTest {
  private static final double TOLERANCE = 1e-4;
  private static final Path CAPTION = Path.of("../caption/src/test/resources/model");
  private static final Path MEASURES = Path.of("../evaluation/src/test/resources/goldens");
  private static final Path CLIP = Path.of("../clip-text/src/test/resources/goldens/clip-image");

  private final Backend backend = new CudaBackend(Precision.FLOAT32);

  private Tensor read(SafetensorsFile io, String name) throws IOException {
    int[] dims = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.of(backend, io.readFloats(name), dims);
  }

  private static JsonNode json(Path file) throws IOException {
    return JsonMapper.builder().build().readTree(file.toFile());
  }

  @Test
  void blipSeesAndWrites() throws IOException {
    ModelFolder folder = ModelFolder.of(CAPTION);
    BlipModel model = BlipModel.load(folder, backend);
    try (SafetensorsFile io = folder.safetensors("io.safetensors");
        Scope scope = Scope.open()) {
      Tensor first = read(io, "pixel_values").slice(0, 0, 1);
      assertClose(
          model.vision().forward(first).toFloats(),
          read(io, "vision").slice(0, 0, 1).toFloats(),
          TOLERANCE);
      assertClose(
          model.vision().forward(read(io, "interpolated.pixel_values")).toFloats(),
          io.readFloats("interpolated.vision"),
          TOLERANCE);
      int[] beginning = {model.decoder().config().beginId()};
      int sentences = 0;
      for (JsonNode c : json(CAPTION.resolve("cases.json"))) {
        JsonNode row = c.get("rows").path(0);
        if (c.get("prompt_ids").isNull() && row.path("picture").asText().startsWith("tall")) {
          int[] ids = JsonMapper.builder().build().treeToValue(row.get("ids"), int[].class);
          assertThat(model.generate(first, beginning, options(c.get("options"))))
              .containsExactly(ids);
          sentences++;
        }
      }
      assertThat(sentences).isGreaterThan(3);
    }
  }

  private static SearchOptions options(JsonNode options) {
    return new SearchOptions(
        options.path("num_beams").asInt(1),
        options.path("min_length").asInt(0),
        options.path("max_length").isInt()
            ? OptionalInt.of(options.get("max_length").asInt())
            : OptionalInt.empty(),
        options.path("length_penalty").asDouble(1),
        options.path("early_stopping").asBoolean());
  }

  @Test
  void clipEmbedsPicturesAndTexts() throws IOException {
    ModelFolder folder = ModelFolder.of(CLIP);
    ClipModel model = ClipModel.load(folder, backend);
    String text = json(CLIP.resolve("cases.json")).get("texts").get(2).asText();
    try (SafetensorsFile io = folder.safetensors("io.safetensors");
        Scope scope = Scope.open()) {
      Tensor pixels = read(io, "pixel_values").slice(0, 0, 2).toChannelsLast();
      assertClose(
          model.embedPictures(pixels).toFloats(),
          read(io, "image_embeds").slice(0, 0, 2).toFloats(),
          TOLERANCE);
      assertClose(
          model.embedTexts(List.of(text)).toFloats(),
          read(io, "text_embeds").slice(0, 2, 3).toFloats(),
          TOLERANCE);
    }
  }

  @Test
  void dinoFindsKeys() throws IOException {
    ModelFolder folder = ModelFolder.of(MEASURES.resolve("dino"));
    DinoModel model = DinoModel.load(folder, backend);
    try (SafetensorsFile io = folder.safetensors("io.safetensors");
        Scope scope = Scope.open()) {
      Tensor pixels = read(io, "small.pixel_values").toChannelsLast();
      Tensor keys = model.keys(pixels, Positions.TRANSFORMERS);
      assertClose(keys.slice(1, 1, keys.dim(1)).toFloats(), io.readFloats("small.keys"), TOLERANCE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"alex", "vgg", "squeeze"})
  void lpipsComparesFeatures(String net) throws IOException {
    Path folder = MEASURES.resolve("lpips").resolve(net);
    BufferedImage source = ImageIO.read(MEASURES.resolve("pairs/1-source.png").toFile());
    BufferedImage edited = ImageIO.read(MEASURES.resolve("pairs/1-edit.png").toFile());
    try (SafetensorsFile features = open(folder.resolve("backbone.safetensors"));
        SafetensorsFile heads = open(folder.resolve("lin.safetensors"))) {
      double distance =
          Lpips.load(features, heads, backend)
              .distance(source, edited, null, Lpips.Normalization.LPIPS);

      double expected =
          json(MEASURES.resolve("lpips/cases.json")).get(net).get(1).get("distance").asDouble();
      assertThat(distance).isCloseTo(expected, Percentage.withPercentage(100 * TOLERANCE));
    }
  }

  private static SafetensorsFile open(Path file) throws IOException {
    return SafetensorsFile.open(file);
  }
}
