package io.github.pix2pixzero;

import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Files to put on top of the toy model. */
final class ToyAdditions {
  static final Path TOY = Path.of("..", "toy-world", "model");
  static final String UNET = "unet/diffusion_pytorch_model";
  static final String VAE = "vae/diffusion_pytorch_model";
  static final String TEXT_ENCODER = "text_encoder/model";

  private ToyAdditions() {}

  /** A LoRA of rank 1 whose change of the noise predictor is the same number everywhere. */
  static Path lora(Path file, float value) throws IOException {
    return lora(
        file,
        "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k",
        shape(UNET, "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight"),
        value);
  }

  /** A copy of the toy model in which all numbers of a tensor of a network are one. */
  static Path modelWith(Path folder, String file, String tensor, float value) throws IOException {
    try (Stream<Path> walk = Files.walk(TOY)) {
      for (Path from : walk.filter(Files::isRegularFile).toList()) {
        Path to = folder.resolve(TOY.relativize(from).toString());
        Files.createDirectories(to.getParent());
        Files.copy(from, to);
      }
    }
    change(file, folder.resolve(file + ".safetensors"), tensor, number -> value);
    return folder;
  }

  private static Path lora(Path file, String layer, long[] shape, float value) throws IOException {
    float[] ones = new float[(int) shape[1]];
    Arrays.fill(ones, 1);
    float[] up = new float[(int) shape[0]];
    Arrays.fill(up, value);
    new SafetensorsWriter()
        .add(layer + ".lora_down.weight", new long[] {1, shape[1]}, ones)
        .add(layer + ".lora_up.weight", new long[] {shape[0], 1}, up)
        .write(file);
    return file;
  }

  /** The toy model's autoencoder with the numbers of a tensor multiplied. */
  static Path vae(Path file, String tensor, float factor) throws IOException {
    return change(VAE, file, tensor, number -> number * factor);
  }

  private static Path change(String from, Path to, String tensor, UnaryOperator<Float> change)
      throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    try (SafetensorsFile weights = open(from)) {
      for (String name : weights.names()) {
        float[] numbers = weights.readFloats(name);
        for (int i = 0; i < numbers.length && name.endsWith(tensor); i++) {
          numbers[i] = change.apply(numbers[i]);
        }
        writer.add(name, weights.entry(name).shape(), numbers);
      }
      writer.write(to);
    }
    return to;
  }

  private static long[] shape(String file, String ending) throws IOException {
    try (SafetensorsFile weights = open(file)) {
      for (String name : weights.names()) {
        if (name.endsWith(ending)) {
          return weights.entry(name).shape();
        }
      }
    }
    throw new IOException("no " + ending);
  }

  private static SafetensorsFile open(String file) throws IOException {
    return SafetensorsFile.open(TOY.resolve(file + ".safetensors"));
  }
}
