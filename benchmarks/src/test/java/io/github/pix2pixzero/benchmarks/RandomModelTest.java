package io.github.pix2pixzero.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.inversion.PredictionType;
import io.github.pix2pixzero.stablediffusion.Checkpoint;
import io.github.pix2pixzero.stablediffusion.Inspection;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published checkpoints' names and sizes, in files that are holes for the most part. */
class RandomModelTest {
  @TempDir private Path temp;

  /**
   * The numbers of parameters are those that the authors give: 860 M, 84 M, 123 M; 866 M, 340 M.
   */
  @ParameterizedTest
  @CsvSource({
    "sd15, 123060480, 83653863, 859520964, epsilon, 64, SD1, 12",
    "sd21, 340387840, 83653863, 865910724, v_prediction, 96, SD2, 23"
  })
  void everyNameOfThePublishedFilesIsUnderstood(
      String family,
      long text,
      long vae,
      long unet,
      String prediction,
      int sampleSize,
      Checkpoint.Family expected,
      int textLayers)
      throws IOException {
    Path file = temp.resolve("model.safetensors");
    writeHoles(file, RandomModel.compVisShapes(family));

    try (Checkpoint checkpoint = Checkpoint.open(file, LoadOptions.defaults())) {
      Inspection inspection = Inspection.of(checkpoint);

      assertThat(checkpoint.family()).isEqualTo(expected);
      assertThat(checkpoint.leftovers()).isEmpty();
      assertThat(checkpoint.scheduler().getString("prediction_type", "")).isEqualTo(prediction);
      assertThat(checkpoint.unetConfig().sampleSize()).isEqualTo(sampleSize);
      assertThat(checkpoint.unetConfig().heads())
          .isEqualTo(family.equals("sd15") ? List.of(8, 8, 8, 8) : List.of(5, 10, 20, 20));
      assertThat(checkpoint.textConfig().numHiddenLayers()).isEqualTo(textLayers);
      assertThat(checkpoint.tokenizer().encode("a cat")[76])
          .isEqualTo(family.equals("sd15") ? 49_407 : 0);
      assertThat(inspection.parts())
          .extracting(Inspection.Part::parameters)
          .containsExactly(text, vae, unet);
      for (Inspection.Part part : inspection.parts()) {
        assertThat(part.faults()).isEmpty();
        assertThat(part.leftovers()).isEmpty();
      }
    }
  }

  /** As transformers and torchvision count them; CLIP's without the scale of its logits. */
  @ParameterizedTest
  @CsvSource({"blip, 223971644", "clip, 427616512", "dino, 85807872", "vgg, 14714688"})
  void whatLooksAtPicturesHasItsPublishedSize(String name, long parameters) throws IOException {
    assertThat(
            SeeingModels.shapes(name).values().stream()
                .mapToLong(shape -> Arrays.stream(shape).reduce(1, (a, b) -> a * b))
                .sum())
        .isEqualTo(parameters);
  }

  @Test
  void makesTheFolderItWritesTo() throws IOException {
    Path target = temp.resolve("new").resolve("vgg");
    RandomModel.run(List.of("vgg", target.toString()));
    assertThat(target).isDirectoryContaining("glob:**.safetensors");
  }

  @Test
  void anOptionSaysWhatTheFileDoesNot() throws IOException {
    Path file = temp.resolve("base.safetensors");
    writeHoles(file, RandomModel.compVisShapes("sd21"));
    LoadOptions base = LoadOptions.builder().predictionType(PredictionType.EPSILON).build();

    try (Checkpoint checkpoint = Checkpoint.open(file, base)) {
      assertThat(checkpoint.scheduler().getString("prediction_type", "")).isEqualTo("epsilon");
      assertThat(checkpoint.unetConfig().sampleSize()).isEqualTo(64);
    }
  }

  /** SD 2 publishes matrices where SD 1 has convolutions of 1 × 1. */
  @ParameterizedTest
  @CsvSource({"sd15, 4", "sd21, 2"})
  void pointwiseConvolutionsHaveTheirPublishedShape(String family, int rank) throws IOException {
    ModelFolder configs =
        ModelFolder.ofResources(RandomModel.class, "io/github/pix2pixzero/benchmarks/" + family);

    Map<String, long[]> shapes = RandomModel.unetShapes(configs.json("unet/config.json"));

    assertThat(shapes.get("down_blocks.0.attentions.0.proj_in.weight")).hasSize(rank);
    assertThat(shapes.get("up_blocks.3.attentions.2.proj_out.weight")).hasSize(rank);
    assertThat(shapes.get("up_blocks.3.resnets.2.conv_shortcut.weight"))
        .containsExactly(320, 640, 1, 1);
  }

  @Test
  void refusesOtherArguments() {
    for (List<String> arguments :
        List.of(
            List.<String>of(), List.of("sd15"), List.of("sd3", "x"), List.of("sd15", "x", "y"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RandomModel.run(arguments))
          .withMessageContaining("sd15, sd21");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RandomModel.run(List.of("sd15", "x", "--dtype", "int8")))
        .withMessageContaining("float16 or float32");
  }

  /** A safetensors file with a header and no data; file systems do not store the zeros. */
  private static void writeHoles(Path file, Map<String, long[]> shapes) throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    long end = 0;
    for (Map.Entry<String, long[]> tensor : shapes.entrySet()) {
      long start = end;
      end += 2 * Arrays.stream(tensor.getValue()).reduce(1, (a, b) -> a * b);
      header.put(
          tensor.getKey(),
          Map.of(
              "dtype", "F16", "shape", tensor.getValue(), "data_offsets", new long[] {start, end}));
    }
    byte[] json = new JsonMapper().writeValueAsBytes(header);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      out.write(length.putLong(0, json.length).array());
      out.write(json);
      out.setLength(Long.BYTES + json.length + end);
    }
  }
}
