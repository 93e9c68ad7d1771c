package io.github.pix2pixzero.inversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NullTextTest {
  private static final Backend BACKEND = Backends.named("plain", 1);

  @TempDir Path folder;

  private static NullText embeddings() {
    return new NullText(
        ImmutableList.of(Tensors.random(BACKEND, 1, 1, 3, 5), Tensors.random(BACKEND, 2, 1, 3, 5)),
        7.5,
        1e-4);
  }

  @Test
  void survivesAFile() throws IOException {
    Path path = folder.resolve("n.safetensors");
    SafetensorsWriter writer = new SafetensorsWriter();
    embeddings().addTo(writer);
    writer.write(path);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(NullText.isIn(file)).isTrue();
      NullText read = NullText.read(file, BACKEND);
      assertThat(read.steps()).isEqualTo(2);
      assertThat(read.guidanceScale()).isEqualTo(7.5);
      assertThat(read.distance()).isEqualTo(1e-4);
      assertThat(read.at(1).shape()).isEqualTo(embeddings().at(1).shape());
      assertThat(read.at(1).toFloats()).isEqualTo(embeddings().at(1).toFloats());
    }
  }

  @Test
  void refusesWhatIsDamaged() throws IOException {
    assertRefused(new SafetensorsWriter(), "holds no null-text embeddings");
    float[] values = {1, 2, 3};
    assertRefused(
        new SafetensorsWriter().add("null_text", new long[] {3}, values), "[steps, tokens, width]");
    assertRefused(
        new SafetensorsWriter().add("null_text", new long[] {1, 1, 3}, values),
        "null_text.guidance_scale should be a number, it is null");
    values[1] = Float.NaN;
    assertRefused(
        new SafetensorsWriter()
            .add("null_text", new long[] {1, 1, 3}, values)
            .metadata("null_text.guidance_scale", "7.5")
            .metadata("null_text.distance", "0"),
        "not finite");
    assertThatIllegalArgumentException().isThrownBy(() -> new NullText(ImmutableList.of(), 7.5, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new NullText(
                    ImmutableList.of(
                        Tensor.zeros(BACKEND, 1, 3, 5), Tensor.zeros(BACKEND, 1, 4, 5)),
                    7.5,
                    0))
        .withMessageContaining("of one shape");
  }

  private void assertRefused(SafetensorsWriter writer, String message) throws IOException {
    Path path = folder.resolve("n.safetensors");
    writer.add("other", new long[] {1}, new float[1]).write(path);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThatIOException()
          .isThrownBy(() -> NullText.read(file, BACKEND))
          .withMessageContaining(message);
    }
  }
}
