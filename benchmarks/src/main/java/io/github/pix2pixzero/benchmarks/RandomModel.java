package io.github.pix2pixzero.benchmarks;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.io.Resources;
import io.github.pix2pixzero.clip.ClipTextConfig;
import io.github.pix2pixzero.clip.ClipTextModel;
import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.TokenizerConfig;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.unet.UNetConfig;
import io.github.pix2pixzero.vae.AutoencoderKL;
import io.github.pix2pixzero.vae.VaeConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checkpoints of the published sizes with random weights, for what depends on sizes alone: those of
 * {@link RandomWeights}.
 */
final class RandomModel {
  private static final String TINY = "tiny";
  private static final List<String> FAMILIES = List.of("sd15", "sd21", TINY);
  private static final String ROOT = "io/github/pix2pixzero/benchmarks";
  private static final List<String> CONFIGS =
      List.of(
          "model_index.json",
          "scheduler/scheduler_config.json",
          "text_encoder/config.json",
          "tokenizer/tokenizer_config.json",
          "unet/config.json",
          "vae/config.json");

  private RandomModel() {}

  /**
   * Writes a checkpoint. That named tiny has the parts of Stable Diffusion 1.5 at the smallest
   * sizes, to try out what reads one; there is no single file of it. What else there is looks at
   * pictures, see {@link SeeingModels}.
   *
   * @param arguments {@code sd15|sd21|tiny|blip|clip|dino|vgg TARGET [--dtype float16|float32]
   *     [--single-file]}
   * @throws IllegalArgumentException if they are others
   */
  static String run(List<String> arguments) throws IOException {
    List<String> rest = new ArrayList<>(arguments);
    boolean single = rest.remove("--single-file");
    int dtype = rest.indexOf("--dtype");
    StoredType type = StoredType.F16;
    if (dtype >= 0 && dtype + 1 < rest.size()) {
      type = type(rest.remove(dtype + 1));
      rest.remove(dtype);
    }
    if (rest.size() != 2
        || !(FAMILIES.contains(rest.get(0)) || SeeingModels.NAMES.contains(rest.get(0)))
        || (single && !rest.get(0).startsWith("sd"))) {
      throw new IllegalArgumentException(
          "random-model takes one of %s or %s, and a target, not: %s"
              .formatted(
                  String.join(", ", FAMILIES),
                  String.join(", ", SeeingModels.NAMES),
                  String.join(" ", arguments)));
    }
    Path target = Path.of(rest.get(1));
    Path folder = single ? target.toAbsolutePath().getParent() : target;
    Files.createDirectories(folder);
    if (single) {
      RandomWeights.writer(compVisShapes(rest.get(0)), type).write(target);
    } else if (SeeingModels.NAMES.contains(rest.get(0))) {
      SeeingModels.write(rest.get(0), type, target);
    } else {
      writeFolder(rest.get(0), type, target);
    }
    return "wrote " + target;
  }

  private static StoredType type(String name) {
    return switch (name) {
      case "float16" -> StoredType.F16;
      case "float32" -> StoredType.F32;
      default ->
          throw new IllegalArgumentException("--dtype should be float16 or float32, not " + name);
    };
  }

  /** Names and shapes of the published file in the layout of CompVis. */
  static Map<String, long[]> compVisShapes(String family) throws IOException {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    String list =
        Resources.toString(
            Resources.getResource(RandomModel.class, family + "-compvis.txt"),
            StandardCharsets.UTF_8);
    for (String line : list.lines().toList()) {
      int space = line.indexOf(' ');
      String shape = line.substring(space + 1);
      shapes.put(
          line.substring(0, space),
          shape.isEmpty()
              ? new long[0]
              : Arrays.stream(shape.split("x")).mapToLong(Long::parseLong).toArray());
    }
    return shapes;
  }

  // ------------------------------------------------------------------ folder

  private static void writeFolder(String family, StoredType type, Path folder) throws IOException {
    ModelFolder configs = ModelFolder.ofResources(RandomModel.class, ROOT + "/" + family);
    VaeConfig vae = VaeConfig.from(configs.json("vae/config.json"));
    ClipTextConfig text = ClipTextConfig.from(configs.json("text_encoder/config.json"));
    for (String name : CONFIGS) {
      copy(configs, name, folder);
    }
    writeTokenizer(folder.resolve("tokenizer"));
    RandomWeights.writer(unetShapes(configs.json("unet/config.json")), type)
        .write(folder.resolve("unet/diffusion_pytorch_model.safetensors"));
    RandomWeights.writer(RandomWeights.shapes(weights -> new AutoencoderKL(weights, vae)), type)
        .write(folder.resolve("vae/diffusion_pytorch_model.safetensors"));
    RandomWeights.writer(RandomWeights.shapes(weights -> new ClipTextModel(weights, text)), type)
        .write(folder.resolve("text_encoder/model.safetensors"));
  }

  static void copy(ModelFolder from, String name, Path folder) throws IOException {
    Path target = folder.resolve(name);
    Files.createDirectories(target.getParent());
    try (InputStream in = from.open(name)) {
      AtomicFiles.write(target, in::transferTo);
    }
  }

  /** CLIP's published tokenizer, as transformers saves it. */
  static void writeTokenizer(Path folder) throws IOException {
    try (InputStream merges = ClipTokenizer.class.getResourceAsStream("merges.txt")) {
      AtomicFiles.write(folder.resolve("merges.txt"), merges::transferTo);
    }
    ClipTokenizer clip = ClipTokenizer.published(TokenizerConfig.defaults());
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    for (int id = 0; id < clip.vocabularySize(); id++) {
      vocabulary.put(clip.token(id), id);
    }
    AtomicFiles.write(
        folder.resolve("vocab.json"), out -> new JsonMapper().writeValue(out, vocabulary));
  }

  /** Names and shapes of a UNet with this config, as diffusers writes them. */
  static Map<String, long[]> unetShapes(JsonConfig json) {
    UNetConfig config = UNetConfig.from(json);
    return RandomWeights.shapes(weights -> new UNet2DConditionModel(weights, config));
  }
}
