package io.github.pix2pixzero;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.guidance.GuidedSampler;
import io.github.pix2pixzero.guidance.LatentPair;
import io.github.pix2pixzero.guidance.Prompts;
import io.github.pix2pixzero.guidance.Published;
import io.github.pix2pixzero.inversion.DdimInverter;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.picture.PictureTensors;
import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import io.github.pix2pixzero.tensor.testing.SameOnEveryJdk;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The whole of pix2pix-zero agrees with diffusers' pipeline on the toy model: the picture's latent,
 * the inversion along the way, both passes along the way, and the picture at the end.
 *
 * <p>The roll amounts of the noise regularisation are those that the reference drew; ours come from
 * the same seed through the same generator.
 */
class PipelineGoldensTest {
  private static final double TOLERANCE = 1e-4;

  /**
   * Of the latents: adding up in another order moves the reference itself by 3e-5 over its steps.
   */
  private static final double DRIFT = 3e-4;

  private static final ModelFolder GOLDENS =
      ModelFolder.ofResources(PipelineGoldensTest.class, "goldens/pix2pix-zero-toy");
  private static final ModelFolder TOY =
      ModelFolder.ofResources(PipelineGoldensTest.class, "io/github/pix2pixzero/toyworld/model");

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void agreesWithDiffusers(int number) throws IOException {
    agreesWithDiffusers(Backends.named("vector", 2), number);
  }

  @SameOnEveryJdk
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void plainLoopsDoSoToo(int number) throws IOException {
    agreesWithDiffusers(Backends.named("plain", 2), number);
  }

  private static void agreesWithDiffusers(Backend backend, int number) throws IOException {
    StableDiffusion model = StableDiffusion.load(TOY, backend);
    JsonNode golden = cases().get(number);
    try (SafetensorsFile io = GOLDENS.safetensors(golden.get("file").asText());
        Scope scope = Scope.open()) {
      BufferedImage source = ImageIO.read(GOLDENS.open(number + "-source.png"));
      Tensor image = PictureTensors.toTensor(source, backend);
      assertClose(image.toFloats(), io.readFloats("image"), TOLERANCE);

      Tensor encoded = model.encode(image);
      assertClose(encoded.toFloats(), io.readFloats("encoded"), TOLERANCE);

      EditDirection direction =
          EditDirection.between(
              model.textEncoder(),
              strings(golden.get("source_sentences")),
              strings(golden.get("target_sentences")));
      assertClose(direction.embedding().toFloats(), io.readFloats("direction"), TOLERANCE);

      int steps = golden.get("steps").asInt();
      TextEmbedding prompt = model.embed(golden.get("caption").asText());
      RecordedRolls rolls = new RecordedRolls(golden.get("rolls"));
      Tensor inverted =
          new DdimInverter(model.unet(), model.schedule(), NoiseRegularization.PUBLISHED)
              .invert(
                  encoded,
                  prompt.states(),
                  steps,
                  rolls,
                  (step, count, latent) -> check(io, "inversion." + step, latent));
      assertThat(rolls.left()).isZero();
      assertClose(inverted.toFloats(), io.readFloats("inverted"), DRIFT);

      LatentPair result =
          new GuidedSampler(model.unet(), model.schedule())
              .sample(
                  inverted,
                  Prompts.ofEdit(prompt, prompt, direction.applyTo(prompt, 1)),
                  steps,
                  Published.DEFAULTS
                      .withGuidanceScale(golden.get("guidance_scale").asDouble())
                      .withGuidanceAmount(golden.get("guidance_amount").asDouble()),
                  (step, count, current) -> {
                    check(io, "reference." + step, current.reference());
                    check(io, "edited." + step, current.edited());
                  });

      float[] picture = model.decode(result.edited()).toFloats();
      for (int i = 0; i < picture.length; i++) { // the reference picture was clamped
        picture[i] = Math.max(-1f, Math.min(1f, picture[i]));
      }
      assertClose(picture, io.readFloats("edited_image"), DRIFT);
    }
  }

  private static void check(SafetensorsFile io, String name, Tensor latent) {
    if (io.contains(name)) {
      try {
        assertClose(latent.toFloats(), io.readFloats(name), DRIFT);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static JsonNode cases() throws IOException {
    try (InputStream in = GOLDENS.open("cases.json")) {
      return new JsonMapper().readTree(in);
    }
  }

  private static List<String> strings(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  /**
   * Draws with PyTorch's generator from seed 0 and holds every draw against what the reference
   * drew.
   */
  private static final class RecordedRolls
      implements io.github.pix2pixzero.tensor.random.Generator {
    private final TorchCpuGenerator generator = new TorchCpuGenerator(0);
    private final JsonNode recorded;
    private int drawn;

    RecordedRolls(JsonNode recorded) {
      this.recorded = recorded;
    }

    @Override
    public int nextInt(int bound) {
      int roll = generator.nextInt(bound);
      assertThat(roll).as("roll amount %s", drawn).isEqualTo(recorded.get(drawn++).asInt());
      return roll;
    }

    int left() {
      return recorded.size() - drawn;
    }

    @Override
    public void fillNormal(float[] out, int offset, int length) {
      throw new AssertionError("the inversion draws roll amounts only");
    }

    @Override
    public void fillUniform(float[] out, int offset, int length) {
      throw new AssertionError("the inversion draws roll amounts only");
    }

    @Override
    public long seed() {
      return generator.seed();
    }
  }
}
