package io.github.pix2pixzero.direction;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EditDirectionTest {
  private static final Backend BACKEND = Backends.best(2);
  private static TextEncoder encoder;

  @TempDir Path folder;

  @BeforeAll
  static void load() throws IOException {
    encoder =
        TextEncoder.load(
            ModelFolder.ofResources(
                EditDirectionTest.class, "io/github/pix2pixzero/toyworld/model"),
            BACKEND);
  }

  @Test
  void isTheDifferenceOfTheMeans() {
    // More than a mini-batch, so that the mean is put together from parts.
    List<String> cats = Collections.nCopies(21, "a photo of a cat");
    EditDirection direction =
        EditDirection.between(encoder, cats, List.of("a photo of a dog", "a photo of a fox"));
    Tensor words =
        encoder.encode(List.of("a photo of a cat", "a photo of a dog", "a photo of a fox"));
    Tensor expected =
        words.slice(0, 1, 2).add(words.slice(0, 2, 3)).mul(0.5f).sub(words.slice(0, 0, 1));
    assertClose(direction.embedding().toFloats(), expected.toFloats(), 1e-5);
    assertThat(direction.provenance())
        .containsEntry("source_sentences", "21")
        .containsEntry("target_example", "a photo of a dog");
  }

  @Test
  void survivesAFile() throws IOException {
    EditDirection direction = EditDirection.between(encoder, List.of("a cat"), List.of("a dog"));
    Path file = folder.resolve("cat2dog.safetensors");
    direction.write(file);
    EditDirection read = EditDirection.read(file, BACKEND);
    assertThat(read.embedding().toFloats()).isEqualTo(direction.embedding().toFloats());
    assertThat(read.embedding().shape()).isEqualTo(direction.embedding().shape());
    assertThat(read.provenance()).isEqualTo(direction.provenance());

    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> direction.scale(1e39).write(file))
        .withMessageContaining("not finite");
    assertThat(EditDirection.read(file, BACKEND).provenance()).isEqualTo(direction.provenance());
  }

  @Test
  void readsTheOnlyTensorOfAFileWhateverItsName() throws IOException {
    Path file = folder.resolve("named.safetensors");
    new SafetensorsWriter().add("x", new long[] {2, 3}, new float[] {1, 2, 3, 4, 5, 6}).write(file);
    assertThat(EditDirection.read(file, BACKEND).embedding().shape().toArray())
        .containsExactly(1, 2, 3);
  }

  @Test
  void readsWhatTorchSaved() throws Exception {
    Path cat = torchFile("cat.pt");
    assertThat(EditDirection.read(cat, BACKEND).embedding().shape().toArray())
        .containsExactly(1, 2, 3);
    EditDirection direction = EditDirection.between(cat, torchFile("dog.pt"), BACKEND);
    assertThat(direction.embedding().toFloats()).containsExactly(3, 1, -1, -3, -5, -7);
    assertThat(direction.provenance()).containsEntry("source_file", cat.toString());
    Path wide = folder.resolve("wide.safetensors");
    new SafetensorsWriter().add("direction", new long[] {2, 4}, new float[8]).write(wide);
    assertThatIOException()
        .isThrownBy(() -> EditDirection.between(cat, wide, BACKEND))
        .withMessageContaining(wide.toString());
  }

  private static Path torchFile(String name) throws URISyntaxException {
    return Path.of(EditDirectionTest.class.getResource(name).toURI());
  }

  @Test
  void refusesFilesThatHoldNoDirection() throws IOException {
    Path shape = folder.resolve("shape.safetensors");
    new SafetensorsWriter().add("direction", new long[] {3}, new float[3]).write(shape);
    assertThatIOException()
        .isThrownBy(() -> EditDirection.read(shape, BACKEND))
        .withMessageEndingWith("a direction should be [1, tokens, width], it is [3]");
    Path nan = folder.resolve("nan.safetensors");
    new SafetensorsWriter()
        .add("direction", new long[] {1, 1, 2}, new float[] {1, Float.NaN})
        .write(nan);
    assertThatIOException()
        .isThrownBy(() -> EditDirection.read(nan, BACKEND))
        .withMessageEndingWith("holds numbers that are not finite");
    Path two = folder.resolve("two.safetensors");
    new SafetensorsWriter()
        .add("a", new long[] {1, 2}, new float[2])
        .add("b", new long[] {1, 2}, new float[2])
        .write(two);
    assertThatIOException()
        .isThrownBy(() -> EditDirection.read(two, BACKEND))
        .withMessageEndingWith("holds no tensor named direction");
  }

  @Test
  void scalesAddsAndTurnsAround() {
    EditDirection dog = EditDirection.between(encoder, List.of("a cat"), List.of("a dog"));
    EditDirection hat = EditDirection.between(encoder, List.of("a cat"), List.of("a cat in a hat"));
    float[] a = dog.embedding().toFloats();
    float[] b = hat.embedding().toFloats();
    float[] sum = dog.scale(2).plus(hat.negate()).embedding().toFloats();
    float[] expected = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      expected[i] = 2 * a[i] - b[i];
    }
    assertClose(sum, expected, 1e-6);
    assertThat(dog.scale(2).scale(-1.5).provenance()).containsEntry("strength", "-3.0");
    assertThat(dog.plus(hat).provenance())
        .containsEntry("first_target_example", "a dog")
        .containsEntry("second_target_example", "a cat in a hat");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dog.scale(Double.NaN))
        .withMessage("the strength of a direction is a number, not NaN");
  }

  @Test
  void knowsItsTextEncoder() throws IOException {
    EditDirection direction = EditDirection.between(encoder, List.of("a cat"), List.of("a dog"));
    direction.checkMadeBy(encoder);
    TextEncoder plain =
        TextEncoder.load(
            ModelFolder.ofResources(
                EditDirectionTest.class, "io/github/pix2pixzero/toyworld/model"),
            Backends.named("plain", 1));
    direction.checkMadeBy(plain);
    new EditDirection(direction.embedding(), ImmutableMap.of()).checkMadeBy(encoder);
    String other = direction.provenance().get("text_encoder").replaceFirst("^\\S+", "9.9");
    EditDirection foreign = direction.noting("text_encoder", other);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> foreign.checkMadeBy(encoder))
        .withMessageStartingWith("the edit direction was made with another text encoder");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> direction.plus(foreign))
        .withMessage("the directions were made with different text encoders");
  }

  @Test
  void areKeptOnDisk() throws IOException {
    Path kept = folder.resolve("kept");
    DirectionCache cache = new DirectionCache(kept, BACKEND);
    List<String> cats = List.of("a cat");
    List<String> dogs = List.of("a dog");
    EditDirection made = cache.between(encoder, cats, dogs);
    assertThat(kept.toFile().list()).hasSize(1);
    EditDirection marked = made.scale(2).noting("mark", "from the disk");
    marked.write(kept.resolve(kept.toFile().list()[0]));
    assertThat(cache.between(encoder, cats, dogs).provenance())
        .containsEntry("mark", "from the disk");
    marked.noting("text_encoder", "1 2 3").write(kept.resolve(kept.toFile().list()[0]));
    assertThat(cache.between(encoder, cats, dogs).embedding().toFloats())
        .isEqualTo(made.embedding().toFloats());
    cache.between(encoder, dogs, cats);
    assertThat(kept.toFile().list()).hasSize(2);
  }

  @Test
  void refusesNoSentences() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditDirection.between(encoder, List.of("a cat"), List.of()))
        .withMessage("a mean embedding needs at least one sentence");
  }
}
