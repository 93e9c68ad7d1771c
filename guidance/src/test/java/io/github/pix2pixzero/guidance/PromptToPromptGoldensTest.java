package io.github.pix2pixzero.guidance;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import com.google.common.primitives.Floats;
import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.guidance.PromptToPrompt.Alignment;
import io.github.pix2pixzero.guidance.PromptToPrompt.Maps;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.NullText;
import io.github.pix2pixzero.inversion.NullTextInverter;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.testing.SameOnEveryJdk;
import io.github.pix2pixzero.tensor.testing.TestBackends;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The edits of the toy model agree with those that google/prompt-to-prompt's classes make of it, on
 * diffusers; {@code resources/goldens/prompt-to-prompt/README.md} says how they were made.
 */
class PromptToPromptGoldensTest {
  private static final ModelFolder GOLDENS =
      ModelFolder.ofResources(PromptToPromptGoldensTest.class, "goldens/prompt-to-prompt");
  private static final ModelFolder TOY =
      ModelFolder.ofResources(
          PromptToPromptGoldensTest.class, "io/github/pix2pixzero/toyworld/model");

  /** Latents, of the largest value; after null-text inversion, which amplifies rounding. */
  private static final double TOLERANCE = 1e-4;

  private static final double TOLERANCE_AFTER_NULL_TEXT = 5e-4;

  /** Adam's first update is a sign: next to no gradient may go either way. */
  private static final double TOLERANCE_OF_NULL_TEXT = 3e-3;

  /** Until the first masks are there. */
  private static final int STEPS_ON_PLAIN = 13;

  static Stream<JsonNode> cases() throws IOException {
    try (InputStream in = GOLDENS.open("cases.json")) {
      return Lists.newArrayList(new JsonMapper().readTree(in)).stream();
    }
  }

  /**
   * All cases; of the plain backend, on which one takes a quarter of a minute, two, and in part.
   */
  static Stream<Arguments> runs() throws IOException {
    List<JsonNode> cases = cases().toList();
    return TestBackends.cpu()
        .flatMap(
            backend ->
                cases.stream()
                    .filter(golden -> !backend.name().equals("plain") || isOfPlain(golden))
                    .map(golden -> Arguments.of(backend, golden)));
  }

  /** A refinement, and a replacement with a blend. */
  private static boolean isOfPlain(JsonNode golden) {
    int number = golden.get("number").asInt();
    return number == 1 || number == 3;
  }

  /** A case's own tensors. */
  private record Golden(JsonNode json, SafetensorsFile io) {
    boolean has(String name) {
      return io.contains(key(name));
    }

    float[] floats(String name) throws IOException {
      return io.readFloats(key(name));
    }

    float[] wholes(String name) throws IOException {
      long[] values = io.readLongs(key(name));
      float[] floats = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        floats[i] = values[i];
      }
      return floats;
    }

    private String key(String name) {
      return json.get("number").asInt() + "." + name;
    }

    String caption() {
      return json.get("prompts").get(0).asText();
    }

    String target() {
      return json.get("prompts").get(1).asText();
    }

    int steps() {
      return json.get("steps").asInt();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void wordsAndAlignmentsAreThePublishedOnes(JsonNode json) throws IOException {
    ClipTokenizer tokenizer = ClipTokenizer.load(TOY.at("tokenizer"));
    Backend backend = TestBackends.cpu().findFirst().orElseThrow();
    try (SafetensorsFile io = GOLDENS.safetensors("io.safetensors")) {
      Golden golden = new Golden(json, io);
      PromptEdit edit = PromptEdit.of(settings(json), tokenizer, golden.caption(), golden.target());
      float[] shares = new float[0];
      for (int step = 0; step <= golden.steps(); step++) {
        shares = concat(shares, edit.crossShares(step, golden.steps()));
      }
      assertThat(shares).isEqualTo(golden.wholes("cross_alpha"));
      if (golden.has("mapper")) {
        assertThat(
                PublishedAlignment.replacement(tokenizer, golden.caption(), golden.target())
                    .matrix(backend)
                    .toFloats())
            .isEqualTo(golden.floats("mapper"));
      }
      if (golden.has("refine_places")) {
        int[] places =
            PublishedAlignment.places(
                tokenizer.tokenize(golden.caption()).ids(),
                tokenizer.tokenize(golden.target()).ids(),
                tokenizer.maxLength());
        assertThat(places)
            .isEqualTo(
                Arrays.stream(io.readLongs(golden.key("refine_places")))
                    .mapToInt(i -> (int) i)
                    .toArray());
      }
      if (golden.has("blend_words")) {
        assertThat(concat(edit.blendWords())).isEqualTo(golden.wholes("blend_words"));
      }
      if (golden.has("blend_substruct_words")) {
        assertThat(concat(edit.blendWithout())).isEqualTo(golden.wholes("blend_substruct_words"));
      }
    }
  }

  @SameOnEveryJdk
  @ParameterizedTest
  @MethodSource("runs")
  void picturesAreThePublishedOnes(Backend backend, JsonNode json) throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(TOY.at("unet"), backend);
    NoiseSchedule schedule = NoiseSchedule.from(TOY.json("scheduler/scheduler_config.json"));
    TextEncoder text = TextEncoder.load(TOY, backend);
    try (SafetensorsFile io = GOLDENS.safetensors("io.safetensors");
        Scope scope = Scope.open()) {
      Golden golden = new Golden(json, io);
      Prompts prompts =
          Prompts.ofEdit(text.embed(golden.caption()), text.embed(""), text.embed(golden.target()));
      boolean real = golden.has("path");
      ReferenceBranch branch =
          real
              ? nullText(unet, schedule, prompts, golden, backend)
              : ReferenceBranch.reconstructed(
                  Tensor.of(backend, golden.floats("noise"), 1, 4, 16, 16));
      double tolerance = real ? TOLERANCE_AFTER_NULL_TEXT : TOLERANCE;
      List<float[]> masks = new ArrayList<>();
      int enough = backend.name().equals("plain") ? STEPS_ON_PLAIN : golden.steps();
      try {
        LatentPair result =
            new PromptToPromptSampler(unet, schedule)
                .sample(
                    branch,
                    prompts,
                    PromptEdit.of(
                        settings(json), text.tokenizer(), golden.caption(), golden.target()),
                    golden.steps(),
                    (step, steps, pair) -> {
                      masks.add(differences(pair));
                      if (step % 10 == 0) {
                        compare(pair, golden, "latents." + step, tolerance);
                      }
                      if (masks.size() == enough && enough < steps) {
                        throw new CancellationException("enough");
                      }
                    });
        compare(result, golden, "latents", tolerance);
      } catch (CancellationException e) {
        assertThat(e).hasMessage("enough");
      }
      assertThat(masks).hasSize(enough);
      if (golden.has("masks")) {
        float[] expected = golden.wholes("masks");
        int first = golden.steps() - expected.length / (16 * 16);
        assertThat(concat(masks.subList(first, enough).toArray(float[][]::new)))
            .isEqualTo(Arrays.copyOf(expected, (enough - first) * 16 * 16));
      }
    }
  }

  /** Null-text inversion of the case's picture, itself compared. */
  private static ReferenceBranch nullText(
      UNet2DConditionModel unet,
      NoiseSchedule schedule,
      Prompts prompts,
      Golden golden,
      Backend backend)
      throws IOException {
    float[] path = golden.floats("path");
    int size = 4 * 16 * 16;
    Trajectory trajectory =
        new Trajectory(
            IntStream.rangeClosed(0, golden.steps())
                .mapToObj(i -> Arrays.copyOfRange(path, i * size, (i + 1) * size))
                .map(latent -> Tensor.of(backend, latent, 1, 4, 16, 16))
                .collect(ImmutableList.toImmutableList()));
    List<Float> updates = new ArrayList<>();
    List<Float> losses = new ArrayList<>();
    float[][] rebuilt = new float[1][];
    NullText found =
        new NullTextInverter(unet, schedule)
            .invert(
                trajectory,
                prompts.get(PromptRow.CAPTION).states(),
                prompts.get(PromptRow.NEGATIVE).states(),
                golden.json().get("guidance_scale").asDouble(),
                (step, steps, fit) -> {
                  updates.add((float) fit.updates());
                  losses.add((float) fit.loss());
                  rebuilt[0] = fit.latent().toFloats();
                });
    assertThat(Floats.toArray(updates)).isEqualTo(golden.wholes("inner_steps"));
    assertClose(Floats.toArray(losses), golden.floats("losses"), 1e-3);
    for (int step = 0; step < golden.steps(); step++) {
      if (golden.has("null." + step)) {
        assertClose(
            found.at(step).toFloats(), golden.floats("null." + step), TOLERANCE_OF_NULL_TEXT);
      }
    }
    assertClose(rebuilt[0], golden.floats("rebuilt"), TOLERANCE_AFTER_NULL_TEXT);
    return ReferenceBranch.nullText(trajectory.noise(), found);
  }

  private static void compare(LatentPair pair, Golden golden, String name, double tolerance) {
    try {
      assertClose(
          concat(pair.reference().toFloats(), pair.edited().toFloats()),
          golden.floats(name),
          tolerance);
    } catch (IOException e) {
      throw new AssertionError(name, e);
    }
  }

  /** 1 where the latents differ: a blend makes them the same outside its mask. */
  private static float[] differences(LatentPair pair) {
    float[] reference = pair.reference().toFloats();
    float[] edited = pair.edited().toFloats();
    float[] differ = new float[16 * 16];
    for (int i = 0; i < reference.length; i++) {
      if (reference[i] != edited[i]) {
        differ[i % differ.length] = 1;
      }
    }
    return differ;
  }

  private static PromptToPrompt settings(JsonNode json) {
    PromptToPrompt settings =
        PromptToPrompt.DEFAULTS
            .withGuidanceScale(json.get("guidance_scale").asDouble())
            .withAlignment(Alignment.PUBLISHED)
            .withMaps(
                switch (json.get("kind").asText()) {
                  case "replace" -> Maps.REPLACE;
                  case "refine" -> Maps.REFINE;
                  default -> Maps.IN_PLACE;
                })
            .withSelfSteps(window(json.get("self_replace_steps")))
            // 64 pixels of 16 × 16
            .withSelfDownscale(2);
    JsonNode cross = json.get("cross_replace_steps");
    if (cross.isObject()) {
      Map<String, StepWindow> windows = new LinkedHashMap<>();
      cross.properties().forEach(word -> windows.put(word.getKey(), window(word.getValue())));
      settings = settings.withCrossSteps(windows.remove("default_")).withCrossStepsOf(windows);
    } else {
      settings = settings.withCrossSteps(window(cross));
    }
    Map<String, Double> factors = new LinkedHashMap<>();
    json.get("equalizer")
        .properties()
        .forEach(word -> factors.put(word.getKey(), word.getValue().asDouble()));
    settings = settings.withReweight(factors);
    JsonNode blend = json.get("blend");
    return blend.isNull() ? settings : settings.withBlend(blend(blend));
  }

  private static LocalBlend blend(JsonNode blend) {
    LocalBlend local =
        LocalBlend.of(words(blend.get("words")))
            .withThreshold(blend.get("threshold").asDouble())
            .withWithoutThreshold(blend.get("substruct_threshold").asDouble())
            .withStart(blend.get("start").asDouble())
            .withDownscale((int) Math.sqrt(16 * 16 / blend.get("pixels").asDouble()));
    JsonNode without = blend.get("substruct_words");
    return without.isNull() ? local : local.without(words(without));
  }

  private static BlendWords words(JsonNode lists) {
    return BlendWords.ofBoth(texts(lists.get(0)), texts(lists.get(1)));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static StepWindow window(JsonNode json) {
    return json.isArray()
        ? new StepWindow(json.get(0).asDouble(), json.get(1).asDouble())
        : StepWindow.until(json.asDouble());
  }

  private static float[] concat(float[]... parts) {
    return Floats.concat(parts);
  }
}
