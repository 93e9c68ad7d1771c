package io.github.pix2pixzero.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.clip.ClipModel;
import io.github.pix2pixzero.evaluation.measure.Comparison;
import io.github.pix2pixzero.evaluation.measure.Region;
import io.github.pix2pixzero.evaluation.network.ClipEmbeddings;
import io.github.pix2pixzero.evaluation.network.DinoModel;
import io.github.pix2pixzero.evaluation.network.Lpips;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** The reference values in {@code goldens}, and the networks they were made with. */
public final class Goldens {
  public static final Path FOLDER = Path.of("src", "test", "resources", "goldens");

  /** The tiny CLIP that clip-text tests. */
  public static final Path CLIP = Path.of("..", "clip-text").resolve(FOLDER).resolve("clip-image");

  public static final int PAIRS = 3;

  private Goldens() {}

  public static JsonNode json(String name) throws IOException {
    return JsonMapper.builder().build().readTree(FOLDER.resolve(name).toFile());
  }

  public static JsonNode clipCases() throws IOException {
    return JsonMapper.builder().build().readTree(CLIP.resolve("cases.json").toFile());
  }

  public static Tensor tensor(String file, String name, Backend backend) throws IOException {
    try (SafetensorsFile io = SafetensorsFile.open(FOLDER.resolve(file))) {
      int[] shape = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
      return Tensor.of(backend, io.readFloats(name), shape);
    }
  }

  public static ClipEmbeddings clip(Backend backend) throws IOException {
    return new ClipEmbeddings(ClipModel.load(ModelFolder.of(CLIP), backend), backend);
  }

  public static DinoModel dino(Backend backend) throws IOException {
    return DinoModel.load(ModelFolder.of(FOLDER.resolve("dino")), backend);
  }

  public static Lpips lpips(String net, Backend backend) throws IOException {
    Path folder = FOLDER.resolve("lpips").resolve(net);
    try (SafetensorsFile features = file(folder, "backbone.safetensors");
        SafetensorsFile heads = file(folder, "lin.safetensors")) {
      return Lpips.load(features, heads, backend);
    }
  }

  private static SafetensorsFile file(Path folder, String name) throws IOException {
    return SafetensorsFile.open(folder.resolve(name));
  }

  /** A drawn picture, its edit and the mask. */
  public static Comparison pair(int index) throws IOException {
    return Comparison.of(picture(index, "source"), picture(index, "edit"))
        .withRegion(Region.of(picture(index, "mask")));
  }

  private static BufferedImage picture(int index, String what) throws IOException {
    return PictureFiles.read(FOLDER.resolve("pairs").resolve(index + "-" + what + ".png"));
  }

  /** A number that must be there. */
  public static double number(JsonNode node, String field) {
    assertThat(node.get(field)).as(field).isNotNull();
    assertThat(node.get(field).isNumber()).as(field).isTrue();
    return node.get(field).doubleValue();
  }
}
