package io.github.pix2pixzero.caption.blip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.pix2pixzero.hub.Hub;
import io.github.pix2pixzero.hub.HubSettings;
import io.github.pix2pixzero.hub.ModelName;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A model with the published vocabulary and sizes of pictures, against transformers. */
class BlipCaptionerTest {
  private static final String BACKENDS = "io.github.pix2pixzero.tensor.testing.TestBackends#cpu";

  @TempDir private static Path folder;

  record Captioned(String picture, String word, String caption) {}

  @BeforeAll
  static void layOutAsPublished() throws IOException {
    for (String file : List.of("config.json", "preprocessor_config.json", "model.safetensors")) {
      copy("model-bare", file);
    }
    copy("tokenizer-bert", "vocab.txt");
  }

  private static void copy(String from, String file) throws IOException {
    try (InputStream in = Goldens.folder(from).open(file)) {
      Files.copy(in, folder.resolve(file));
    }
  }

  @Test
  void isFoundInTheCacheOnceAllOfItIsThere(@TempDir Path cache) throws IOException {
    ModelName name = BlipCaptioner.PUBLISHED.get(1);
    Path snapshot =
        cache
            .resolve("models--Salesforce--blip-image-captioning-large/snapshots")
            .resolve("0".repeat(40));
    Path ref = Files.createDirectories(snapshot.getParent().resolveSibling("refs")).resolve("main");
    Files.writeString(ref, "0".repeat(40));
    Map<String, String> environment = Map.of("HF_HUB_CACHE", cache.toString());
    Hub hub = new Hub(HubSettings.from(environment, cache));
    Files.createDirectories(snapshot);
    for (String file : List.of("config.json", "vocab.txt", "model.safetensors")) {
      assertThat(BlipCaptioner.cached(hub)).isEmpty();
      Files.copy(folder.resolve(file), snapshot.resolve(file));
    }

    assertThat(BlipCaptioner.cached(hub)).contains(name);
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void statesAreThoseOfTransformers(Backend backend) throws IOException {
    BlipModel model = BlipModel.load(ModelFolder.of(folder), backend);
    try (Scope scope = Scope.open()) {
      Tensor vision = model.vision().forward(pixels(0, backend));
      Tensor other = model.vision().forward(pixels(1, backend));
      Tensor seen = Tensor.concat(0, vision, other);
      assertEvery16th(seen, 1, Goldens.vector("model-bare", "vision_every_16th", backend), 2e-5);
      int[][] ids = Goldens.ids("model-bare");
      for (int i = 0; i < 2; i++) {
        Tensor hidden =
            model
                .decoder()
                .forward(
                    new int[][] {ids[i]}, model.decoder().look(seen.slice(0, i, i + 1), scope));
        Tensor text = Goldens.vector("model-bare", "text", backend).slice(0, i, i + 1);
        BlipModelTest.assertWithin(hidden, text, 2e-4);
        Tensor logits = Goldens.vector("model-bare", "logits_every_16th", backend);
        assertEvery16th(model.decoder().logits(hidden), 2, logits.slice(0, i, i + 1), 2e-4);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void sentencesAreThoseOfTransformers(Backend backend) throws IOException {
    BlipModel model = BlipModel.load(ModelFolder.of(folder), backend);
    Tensor[] pixels = new Tensor[Goldens.PICTURES.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = pixels(i, backend);
    }
    BlipModelTest.assertSentences(model, "model-bare", Tensor.concat(0, pixels));
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void captionsAreThoseOfThePapersCode(Backend backend) throws IOException {
    BlipCaptioner captioner = BlipCaptioner.load(ModelFolder.of(folder), backend);
    List<Captioned> rows = Goldens.json("captions.json", new TypeReference<>() {});
    assertThat(rows).hasSize(18);
    for (Captioned row : rows) {
      String caption =
          captioner.caption(
              Goldens.picture(row.picture().replace(".png", "")), Optional.ofNullable(row.word()));

      // Where a longer word was made of it, there is nothing to swap.
      boolean whole = row.word() == null || row.caption().contains(row.word() + " ");
      assertThat(caption)
          .as("%s, %s", row.picture(), row.word())
          .isEqualTo(whole ? row.caption() : row.caption().replaceFirst("(cat|owl)\\S.*", "$1"));
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void keepsTheWordAsItWasGiven(Backend backend) throws IOException {
    BlipCaptioner captioner = BlipCaptioner.load(ModelFolder.of(folder), backend);
    BufferedImage picture = Goldens.picture("square-64x64");

    assertThat(captioner.caption(picture, Optional.of("Café"))).startsWith("a photo of a Café");
    String longWord = "very ".repeat(40) + "long word";
    assertThat(captioner.caption(picture, Optional.of(longWord)))
        .isEqualTo("a photo of a " + longWord);
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void refusesFilesThatDoNotGoTogether(Backend backend, @TempDir Path other) throws IOException {
    for (String file : List.of("config.json", "model.safetensors", "vocab.txt")) {
      Files.copy(folder.resolve(file), other.resolve(file));
    }
    Files.writeString(
        other.resolve("preprocessor_config.json"), "{\"size\": {\"height\": 32, \"width\": 32}}");

    assertThatThrownBy(() -> BlipCaptioner.load(ModelFolder.of(other), backend))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32 pixels a side, the model takes 384");
  }

  private static Tensor pixels(int index, Backend backend) throws IOException {
    return BlipPictures.load(ModelFolder.of(folder))
        .toTensor(Goldens.picture(Goldens.PICTURES.get(index)), backend);
  }

  private static void assertEvery16th(Tensor actual, int axis, Tensor expected, double tolerance) {
    Tensor[] parts = new Tensor[expected.dim(axis)];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = actual.slice(axis, 16 * i, 16 * i + 1);
    }
    BlipModelTest.assertWithin(Tensor.concat(axis, parts), expected, tolerance);
  }
}
