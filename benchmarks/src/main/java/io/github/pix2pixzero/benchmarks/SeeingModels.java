package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.caption.blip.BlipModel;
import io.github.pix2pixzero.caption.blip.BlipTextConfig;
import io.github.pix2pixzero.caption.blip.BlipTextDecoder;
import io.github.pix2pixzero.caption.blip.BlipVisionModel;
import io.github.pix2pixzero.clip.ClipModel;
import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.TokenizerConfig;
import io.github.pix2pixzero.evaluation.network.DinoModel;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.tensor.nn.VisionSizes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Models that look at pictures, at their published sizes: BLIP-base without its vocabulary, CLIP
 * ViT-L/14, DINO ViT-B/8, and the convolutions of VGG16 with LPIPS' heads for them.
 */
final class SeeingModels {
  /** On the command line. */
  static final ImmutableSet<String> NAMES = ImmutableSet.of("blip", "clip", "dino", "vgg");

  /** Of the folder that {@code vgg} is: torchvision's names. */
  private static final String FEATURES = "vgg16.safetensors";

  /** Beside it: those of lpips. */
  private static final String HEADS = "lpips-vgg.safetensors";

  private static final String CONFIG = "config.json";
  private static final String ROOT = "io/github/pix2pixzero/benchmarks";

  /** Places of VGG16's convolutions among its features, and how many channels they give. */
  private static final int[][] CONVOLUTIONS = {
    {0, 64}, {2, 64}, {5, 128}, {7, 128}, {10, 256}, {12, 256}, {14, 256}, {17, 512}, {19, 512},
    {21, 512}, {24, 512}, {26, 512}, {28, 512}
  };

  private static final int[] COMPARED = {64, 128, 256, 512, 512};

  private SeeingModels() {}

  /** Writes a folder as it is published. */
  static void write(String name, StoredType type, Path folder) throws IOException {
    if (name.equals("vgg")) {
      RandomWeights.writer(shapes(name), type).write(folder.resolve(FEATURES));
      RandomWeights.writer(heads(), type).write(folder.resolve(HEADS));
      return;
    }
    RandomModel.copy(configs(name), CONFIG, folder);
    if (name.equals("clip")) {
      RandomModel.writeTokenizer(folder);
      RandomModel.copy(configs("sd15/tokenizer"), "tokenizer_config.json", folder);
    }
    RandomWeights.writer(shapes(name), type).write(folder.resolve("model.safetensors"));
  }

  private static ModelFolder configs(String name) {
    return ModelFolder.ofResources(SeeingModels.class, ROOT + "/" + name);
  }

  /** Names and shapes of the published file. */
  static Map<String, long[]> shapes(String name) throws IOException {
    if (name.equals("vgg")) {
      return features();
    }
    JsonConfig config = configs(name).json(CONFIG);
    return switch (name) {
      case "blip" -> blip(config);
      case "clip" -> {
        ClipTokenizer tokenizer = ClipTokenizer.published(TokenizerConfig.defaults());
        yield RandomWeights.shapes(weights -> new ClipModel(tokenizer, weights, config));
      }
      case "dino" -> RandomWeights.shapes(w -> new DinoModel(w, DinoModel.sizes(config)));
      default -> throw new IllegalArgumentException("no model " + name);
    };
  }

  private static Map<String, long[]> blip(JsonConfig config) {
    VisionSizes vision = BlipVisionModel.sizes(config.at("vision_config"));
    BlipTextConfig text = BlipTextConfig.from(config.at("text_config"), vision.hiddenSize());
    return RandomWeights.shapes(
        weights ->
            new BlipModel(
                new BlipVisionModel(weights.at("vision_model"), vision),
                new BlipTextDecoder(weights.at("text_decoder"), text)));
  }

  private static Map<String, long[]> features() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    int width = 3;
    for (int[] convolution : CONVOLUTIONS) {
      String layer = "features." + convolution[0];
      shapes.put(layer + ".weight", new long[] {convolution[1], width, 3, 3});
      shapes.put(layer + ".bias", new long[] {convolution[1]});
      width = convolution[1];
    }
    return shapes;
  }

  private static Map<String, long[]> heads() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (int i = 0; i < COMPARED.length; i++) {
      shapes.put("lin%s.model.1.weight".formatted(i), new long[] {1, COMPARED[i], 1, 1});
    }
    return shapes;
  }
}
