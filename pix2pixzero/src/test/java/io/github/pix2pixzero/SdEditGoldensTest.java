package io.github.pix2pixzero;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.guidance.SdEdit;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** SDEdit agrees with diffusers' img2img; make.py beside the vectors tells what made them. */
class SdEditGoldensTest {
  private static final ModelFolder GOLDENS =
      ModelFolder.ofResources(SdEditGoldensTest.class, "goldens/img2img-toy");

  /** Adding up in another order moves latents by this much over ten steps. */
  private static final double DRIFT = 3e-4;

  private static BufferedImage picture() throws IOException {
    try (InputStream in =
        SdEditGoldensTest.class.getResourceAsStream("/goldens/pix2pix-zero-toy/0-source.png")) {
      return ImageIO.read(in);
    }
  }

  private static EditOptions.Builder options() {
    return EditOptions.builder()
        .caption("a photo of a cat in the snow")
        .targetCaption("a photo of a dog in the snow")
        .seed(3);
  }

  @Test
  void agreesWithImg2Img() throws IOException {
    Pix2PixZero model = Pix2PixZero.loadBundled(Backends.best());
    BufferedImage picture = picture();
    try (InputStream in = GOLDENS.open("cases.json");
        SafetensorsFile io = GOLDENS.safetensors("io.safetensors")) {
      JsonNode cases = new JsonMapper().readTree(in);
      assertThat(cases).hasSize(3);
      for (int i = 0; i < cases.size(); i++) {
        JsonNode golden = cases.get(i);
        SdEdit method =
            new SdEdit(golden.get("strength").asDouble(), golden.get("scale").asDouble());
        Edit edit =
            model.edit(
                picture,
                options()
                    .negativePrompt(golden.get("negative").asText())
                    .steps(golden.get("steps").asInt())
                    .method(method)
                    .build());

        assertThat(edit.inversion().steps()).isZero();
        assertClose(edit.edited().toFloats(), io.readFloats(i + ".edited"), DRIFT);
        assertThat(edit.parameters().texts().toString())
            .contains("Denoising strength: " + method.noiseStrength());
      }
    }
  }

  /** Also from a picture that has been inverted for another method, in other steps. */
  @Test
  void invertsNothing() throws IOException {
    Pix2PixZero model = Pix2PixZero.loadBundled(Backends.named("plain", 1));
    EditOptions options = options().steps(4).method(new SdEdit(0.5, 2)).build();
    List<Progress.Stage> stages = new ArrayList<>();
    Inversion start = model.prepare(picture(), options, progress -> stages.add(progress.stage()));
    Inversion inverted = model.invert(picture(), options().steps(2).build(), ProgressListener.NONE);

    assertThat(stages).containsOnly(Progress.Stage.ENCODE);
    assertThat(start.isInverted()).isFalse();
    float[] edited = model.edit(start, options, ProgressListener.NONE).edited().toFloats();
    assertThat(model.edit(picture(), options).edited().toFloats()).isEqualTo(edited);
    Edit other = model.edit(inverted, options, ProgressListener.NONE);
    assertThat(other.edited().toFloats()).isEqualTo(edited);
    assertThat(other.inversion().steps()).isEqualTo(2);
    assertThatThrownBy(() -> model.edit(start, options().build(), ProgressListener.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the picture has not been inverted, as an edit by the method beside-trajectory needs"
                + " it");
    assertThatThrownBy(() -> model.attention(start, ProgressListener.NONE))
        .hasMessageContaining("has not been inverted");
    assertThatThrownBy(() -> InversionFile.write(start, Path.of("unwritten.safetensors")))
        .hasMessageContaining("has not been inverted");
    assertThat(options().method(SdEdit.DEFAULTS).attentionMaps(true).build().inverts()).isTrue();
  }

  @Test
  void refusesAStrengthThatTakesNoStep() throws IOException {
    Pix2PixZero model = Pix2PixZero.loadBundled(Backends.named("plain", 1));
    EditOptions none = options().steps(3).method(SdEdit.DEFAULTS.withNoiseStrength(0.3)).build();

    assertThatThrownBy(() -> model.plan(none))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a noise strength of 0.3 leaves none of 3 steps to take");
    assertThatThrownBy(() -> new SdEdit(1.5, 1))
        .hasMessageContaining("above 0 and at most 1, it is 1.5");
  }
}
