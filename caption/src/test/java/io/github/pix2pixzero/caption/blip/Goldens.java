package io.github.pix2pixzero.caption.blip;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** The reference vectors; README.md tells what made them. */
final class Goldens {
  /** In the order of the vectors' batches. */
  static final List<String> PICTURES =
      List.of(
          "tall-37x91",
          "wide-700x500",
          "grey-64x50",
          "rgba-80x60",
          "palette-48x48",
          "square-64x64");

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private Goldens() {}

  static ModelFolder folder(String name) {
    return ModelFolder.ofResources(Goldens.class, name);
  }

  /** That of bert-base-uncased. */
  static BertTokenizer tokenizer() throws IOException {
    return BertTokenizer.load(folder("tokenizer-bert"));
  }

  static <T> T json(String resource, TypeReference<T> type) {
    try (InputStream in = Goldens.class.getResourceAsStream("/" + resource)) {
      return JSON.readValue(in, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BufferedImage picture(String name) throws IOException {
    try (InputStream in = Goldens.class.getResourceAsStream("/pictures/" + name + ".png")) {
      return ImageIO.read(in);
    }
  }

  static Tensor vector(String folder, String name, Backend backend) throws IOException {
    try (SafetensorsFile io = folder(folder).safetensors("io.safetensors")) {
      int[] shape = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
      return Tensor.of(backend, io.readFloats(name), shape);
    }
  }

  static int[][] ids(String folder) throws IOException {
    try (SafetensorsFile io = folder(folder).safetensors("io.safetensors")) {
      int[] flat = Arrays.stream(io.readLongs("ids")).mapToInt(Math::toIntExact).toArray();
      int tokens = Math.toIntExact(io.entry("ids").shape()[1]);
      return IntStream.range(0, flat.length / tokens)
          .mapToObj(row -> Arrays.copyOfRange(flat, row * tokens, (row + 1) * tokens))
          .toArray(int[][]::new);
    }
  }
}
