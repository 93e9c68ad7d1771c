package io.github.pix2pixzero.unet;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import io.github.pix2pixzero.unet.AttentionSite.Kind;
import io.github.pix2pixzero.unet.AttentionSite.Stage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UNet2DConditionModelTest {
  private static final Backend BACKEND = Backends.named("plain", 1);
  private static final ModelFolder SD1 =
      ModelFolder.ofResources(UNet2DConditionModelTest.class, "goldens/unet-sd1");

  @Test
  void knowsItsAttentionSites() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(SD1, BACKEND);
    assertThat(unet.sites()).hasSize(32);
    assertThat(unet.sites().get(1))
        .isEqualTo(
            new AttentionSite(
                "down_blocks.0.attentions.0.transformer_blocks.0.attn2",
                Stage.DOWN,
                1,
                4,
                Kind.CROSS));
    assertThat(unet.sites().stream().filter(site -> site.stage() == Stage.MID))
        .extracting(AttentionSite::downscale)
        .containsExactly(8, 8);
  }

  @Test
  void asksAControlAtEverySiteInOrder() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(SD1, BACKEND);
    List<AttentionSite> asked = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      unet.forward(
          Tensor.zeros(BACKEND, 1, 4, 8, 8),
          1,
          Tensor.zeros(BACKEND, 1, 77, 64),
          new AttentionControl() {
            @Override
            public boolean wants(AttentionSite site) {
              asked.add(site);
              return false;
            }

            @Override
            public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
              throw new AssertionError("nobody wanted " + site);
            }
          });
    }
    assertThat(asked).isEqualTo(unet.sites());
  }

  @Test
  void goesOnWithReplacedProbabilities() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(SD1, BACKEND);
    try (Scope scope = Scope.open()) {
      Tensor latent = Tensor.full(BACKEND, Shape.of(1, 4, 8, 8), 0.5f);
      Tensor context = Tensor.full(BACKEND, Shape.of(1, 77, 64), 0.1f);
      Tensor plain = unet.forward(latent, 500, context);
      Tensor silenced =
          unet.forward(
              latent,
              500,
              context,
              new AttentionControl() {
                @Override
                public boolean wants(AttentionSite site) {
                  return site.isCross();
                }

                @Override
                public Tensor attend(
                    AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
                  return probs.mul(0f);
                }
              });
      assertThat(silenced.toFloats()).isNotEqualTo(plain.toFloats()).doesNotContain(Float.NaN);
    }
  }

  /** Mutual self-attention: what a picture attends to is another's. */
  @Test
  void goesOnWithTheKeysAndValuesOfAnotherRow() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(SD1, BACKEND);
    ImmutableList<PromptRow> rows = ImmutableList.of(PromptRow.CAPTION, PromptRow.EDITED);
    List<AttentionSite> replaced = new ArrayList<>();
    AttentionControl mutual =
        new AttentionControl() {
          @Override
          public boolean wants(AttentionSite site) {
            return false;
          }

          @Override
          public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> given) {
            throw new AssertionError("nobody wanted " + site);
          }

          @Override
          public boolean wantsKeysAndValues(AttentionSite site) {
            return !site.isCross();
          }

          @Override
          public KeysAndValues attendTo(
              AttentionSite site, KeysAndValues own, ImmutableList<PromptRow> given) {
            assertThat(given).isEqualTo(rows);
            replaced.add(site);
            Tensor keys = own.keys().slice(0, 0, 1);
            Tensor values = own.values().slice(0, 0, 1);
            return new KeysAndValues(
                Tensor.concat(0, keys, keys), Tensor.concat(0, values, values));
          }
        };
    try (Scope scope = Scope.open()) {
      Tensor latents = noise(6, 2, 4, 8, 8);
      TextContext context = new TextContext(noise(7, 2, 77, 64), rows);
      float[] own = unet.forward(latents, 500, context, AttentionControl.NONE).toFloats();
      float[] mixed = unet.forward(latents, 500, context, mutual).toFloats();
      int half = own.length / 2;
      assertThat(replaced)
          .isEqualTo(unet.sites().stream().filter(site -> !site.isCross()).toList());
      assertThat(Arrays.copyOf(mixed, half)).isEqualTo(Arrays.copyOf(own, half));
      assertThat(Arrays.copyOfRange(mixed, half, 2 * half))
          .isNotEqualTo(Arrays.copyOfRange(own, half, 2 * half))
          .doesNotContain(Float.NaN);
    }
  }

  @Test
  void asManyRowsHaveNamesAsThereAre() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new TextContext(
                    Tensor.zeros(BACKEND, 2, 77, 64), ImmutableList.of(PromptRow.EDITED)))
        .withMessage("1 rows have names, but there are 2");
  }

  /** A wide latent of two pictures: the gradient of either is what it is alone. */
  @Test
  void gradientReachesEveryLatentOfANonSquareBatch() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(SD1, BACKEND);
    try (Scope scope = Scope.open()) {
      Tensor latent = noise(1, 2, 4, 8, 24);
      Tensor context = noise(2, 2, 77, 64);
      Tensor both = latent.variable();
      float[] gradient =
          Autograd.grad(unet.forward(both, 321, context).square().sum(), both)[0].toFloats();
      for (int i = 0; i < 2; i++) {
        Tensor one = latent.slice(0, i, i + 1).variable();
        Tensor noise = unet.forward(one, 321, context.slice(0, i, i + 1));
        float[] alone = Autograd.grad(noise.square().sum(), one)[0].toFloats();
        int size = alone.length;
        assertClose(Arrays.copyOfRange(gradient, i * size, (i + 1) * size), alone, 1e-4);
      }

      Tensor direction = noise(3, 2, 4, 8, 24);
      float step = 2e-3f;
      Tensor ahead = unet.forward(latent.add(direction.mul(step)), 321, context).square().sum();
      Tensor behind = unet.forward(latent.add(direction.mul(-step)), 321, context).square().sum();
      Tensor slope = Tensor.of(BACKEND, gradient, 2, 4, 8, 24).mul(direction).sum();
      assertClose(slope.toFloats(), ahead.sub(behind).mul(0.5f / step).toFloats(), 1e-2);
    }
  }

  /** The slope along a direction of the text, by central differences. */
  @Test
  void gradientReachesTheTextOfEveryRow() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(SD1, BACKEND);
    try (Scope scope = Scope.open()) {
      Tensor latent = noise(1, 2, 4, 8, 24);
      Tensor text = noise(2, 2, 77, 64);
      Tensor variable = text.variable();
      Tensor gradient =
          Autograd.grad(unet.forward(latent, 321, variable).square().sum(), variable)[0];
      for (int row = 0; row < 2; row++) {
        float[] only = new float[2 * 77 * 64];
        float[] normal = new TorchCpuGenerator(3 + row).normal(77 * 64);
        System.arraycopy(normal, 0, only, row * normal.length, normal.length);
        Tensor direction = Tensor.of(BACKEND, only, 2, 77, 64);
        float step = 1e-2f;
        Tensor ahead = unet.forward(latent, 321, text.add(direction.mul(step))).square().sum();
        Tensor behind = unet.forward(latent, 321, text.add(direction.mul(-step))).square().sum();
        assertClose(
            gradient.mul(direction).sum().toFloats(),
            ahead.sub(behind).mul(0.5f / step).toFloats(),
            1e-2);
      }
    }
  }

  private static Tensor noise(long seed, int... dims) {
    int size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    return Tensor.of(BACKEND, new TorchCpuGenerator(seed).normal(size), dims);
  }

  @Test
  void passesShareATextContext() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(SD1, BACKEND);
    try (Scope scope = Scope.open()) {
      Tensor latent = noise(4, 2, 4, 8, 8);
      Tensor embeddings = noise(5, 2, 77, 64);
      TextContext context = new TextContext(embeddings);
      for (int timestep : new int[] {500, 20}) {
        try (Scope pass = Scope.open()) {
          assertThat(unet.forward(latent, timestep, context, AttentionControl.NONE).toFloats())
              .isEqualTo(unet.forward(latent, timestep, embeddings).toFloats());
          Tensor x = latent.variable();
          Tensor fresh = unet.forward(x, timestep, embeddings).square().sum();
          Tensor shared = unet.forward(x, timestep, context, AttentionControl.NONE).square().sum();
          assertThat(Autograd.grad(shared, x)[0].toFloats())
              .isEqualTo(Autograd.grad(fresh, x)[0].toFloats());
        }
      }
    }
  }

  @Test
  void refusesShapesThatDoNotFit() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(SD1, BACKEND);
    Tensor context = Tensor.zeros(BACKEND, 1, 77, 64);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> unet.forward(Tensor.zeros(BACKEND, 1, 4, 8, 12), 1, context))
        .withMessage("latent height and width should be multiples of 8, they are 8 and 12");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> unet.forward(Tensor.zeros(BACKEND, 1, 3, 8, 8), 1, context))
        .withMessageContaining("[batch, 4, height, width]");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                unet.forward(
                    Tensor.zeros(BACKEND, 1, 4, 8, 8), 1, Tensor.zeros(BACKEND, 1, 77, 32)))
        .withMessage("the text embeddings should be [1, tokens, 64], they are [1, 77, 32]");
  }

  @ParameterizedTest
  @CsvSource({
    "act_fn, \"gelu\", silu",
    "mid_block_type, \"UNetMidBlock2DSimpleCrossAttn\", UNetMidBlock2DCrossAttn",
    "class_embed_type, \"timestep\", null",
    "addition_embed_type, \"text_time\", null",
    "transformer_layers_per_block, '[1, 2, 10]', 1",
    "block_out_channels, \"320\", an array",
    "only_cross_attention, '[true, true, true, false]', false",
    "encoder_hid_dim_type, \"text_proj\", null",
    "time_embedding_type, \"fourier\", positional",
    "attention_type, \"gated\", default",
    "layers_per_block, '[2, 2, 2, 1]', one number",
    "cross_attention_dim, '[64, 64, 64, 32]', one number",
    "attention_head_dim, '[2, 4]', 'one number, or 4'",
    "resnet_time_scale_shift, \"scale_shift\", default",
    "resnet_out_scale_factor, 1.4, 1",
    "mid_block_only_cross_attention, true, false",
    "dual_cross_attention, true, false",
    "conv_in_kernel, 1, 3",
    "down_block_types, '[\"DownBlock2D\", \"Odd\"]', CrossAttnDownBlock2D",
  })
  void namesWhatIsNotSupportedAndWhatIs(String key, String value, String supported)
      throws IOException {
    String json = new String(SD1.open("config.json").readAllBytes(), StandardCharsets.UTF_8);
    String changed =
        json.replaceFirst(
            "\"" + key + "\": ([^\\[]|\\[[^]]*])*?(?=,?\\R  \")", "\"" + key + "\": " + value);
    assertThat(changed).isNotEqualTo(json);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                UNetConfig.from(
                    JsonConfig.read(
                        new ByteArrayInputStream(changed.getBytes(StandardCharsets.UTF_8)),
                        "config.json")))
        .withMessageContaining(key)
        .withMessageContaining(supported);
  }
}
